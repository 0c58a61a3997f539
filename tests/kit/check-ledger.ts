import type { Domain } from '@presage/domain/domain'
import { hasEnded, type Prediction } from '@presage/domain/predictions/prediction'
import { ledgerHealth } from '@presage/domain/wallet/ledger-health'
import type {
  ApiKeySpending,
  Event,
  Transfer,
  Wallet,
} from '@presage/prisma/generated/client/client'

/** All that one user's money left behind. */
interface Books {
  wallet: Wallet
  transfers: Transfer[]
  events: Event[]
  predictions: Prediction[]
  /** As the wallet counts them. */
  open: number
  /** What the user's API keys have spent, as is counted for each. */
  spending: ApiKeySpending[]
}

/** Everything that is wrong with the books of these users, and with the ledger as a whole. */
export async function ledgerFaults(domain: Domain, userIds: readonly string[]): Promise<string[]> {
  const health = await ledgerHealth(domain)
  const whole = health.balanced
    ? []
    : [
        `the ledger is not balanced: ${JSON.stringify(health, (_key, value) =>
          typeof value === 'bigint' ? Number(value) : value,
        )}`,
      ]
  const faults = [...whole]
  // One user's books at a time: those of many at once have kept each other from a connection.
  for (const id of userIds) faults.push(...faultsOf(await booksOf(domain, id)))
  return faults
}

async function booksOf({ db: { prisma, pool } }: Domain, userId: string): Promise<Books> {
  const ordered = { where: { userId }, orderBy: { seq: 'asc' } } as const
  const [wallet, transfers, events, predictions, spending, counted] = await Promise.all([
    prisma.wallet.findUniqueOrThrow({ where: { userId } }),
    prisma.transfer.findMany(ordered),
    prisma.event.findMany(ordered),
    prisma.prediction.findMany({ where: { userId } }),
    prisma.apiKeySpending.findMany({ where: { key: { userId } } }),
    pool.query<{ open: number }>(
      'SELECT open_predictions AS open FROM wallets WHERE user_id = $1',
      [userId],
    ),
  ])
  return { wallet, transfers, events, predictions, spending, open: counted.rows[0]?.open ?? 0 }
}

const faultsOf = (books: Books): string[] => [
  ...logFaults(books),
  ...walletFaults(books),
  ...countFaults(books),
  ...spendingFaults(books),
  ...predictionFaults(books),
]

/** Each prediction beside what the books hold of it, looked up by its id: bulks have thousands. */
function predictionFaults({ predictions, transfers, events }: Books): string[] {
  const transfersOf = byPrediction(transfers)
  const eventsOf = byPrediction(events)
  return predictions.flatMap((prediction) => [
    ...neverRunFaults(prediction),
    ...paymentFaults(prediction, transfersOf.get(prediction.id) ?? []),
    ...lateFaults(prediction),
    ...courseFaults(prediction, eventsOf.get(prediction.id) ?? []),
  ])
}

function byPrediction<Row extends { predictionId: string | null }>(rows: readonly Row[]) {
  const groups = new Map<string | null, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.predictionId)
    if (group) group.push(row)
    else groups.set(row.predictionId, [row])
  }
  return groups
}

/** The log is numbered from 1 without gaps, in the order of time, and every transfer is in it. */
function logFaults({ wallet, events, transfers }: Books): string[] {
  const faults = events.flatMap(({ seq, occurredAt }, i) => {
    const before = events[i - 1]
    return [
      ...(seq === BigInt(i + 1) ? [] : [`event ${i + 1} of the log is numbered ${seq}`]),
      ...(before && before.occurredAt > occurredAt
        ? [`event ${seq} is older than ${before.seq}`]
        : []),
    ]
  })
  if (wallet.seq !== BigInt(events.length))
    faults.push(`the wallet is at ${wallet.seq}, its log at ${events.length}`)
  const logged = new Map(events.map((event) => [event.seq, event]))
  for (const { seq, predictionId } of transfers)
    if (logged.get(seq)?.predictionId !== predictionId)
      faults.push(`transfer ${seq} is not in the log`)
  return faults
}

/** Replaying the transfers never goes below zero, and ends at what the wallet says. */
function walletFaults({ wallet, transfers }: Books): string[] {
  const faults: string[] = []
  const purse = { balance: 0n, bonus: 0n, held: 0n }
  for (const { seq, debit, credit, amount, bonusAmount, availableAfter } of transfers) {
    const sign = credit === 'AVAILABLE' ? 1n : debit === 'AVAILABLE' ? -1n : 0n
    purse.bonus += sign * bonusAmount
    purse.balance += sign * (amount - bonusAmount)
    purse.held += credit === 'HELD' ? amount : debit === 'HELD' ? -amount : 0n
    for (const [part, credits] of Object.entries(purse))
      if (credits < 0n) faults.push(`${part} was ${credits} after transfer ${seq}`)
    if (purse.balance + purse.bonus !== availableAfter)
      faults.push(
        `transfer ${seq} says that ${availableAfter} was left, not ${purse.balance + purse.bonus}`,
      )
  }
  for (const part of ['balance', 'bonus', 'held'] as const)
    if (wallet[part] !== purse[part])
      faults.push(`the wallet's ${part} is ${wallet[part]}, its transfers sum to ${purse[part]}`)
  return faults
}

/** The limit of open predictions is held by a count, which must be that of the rows. */
function countFaults({ open, predictions }: Books): string[] {
  const found = predictions.filter(({ status }) => status === 'QUEUED' || status === 'RUNNING')
  return open === found.length
    ? []
    : [`the wallet counts ${open} open predictions, there are ${found.length}`]
}

/** What a key has spent is what its predictions hold or have captured, of the day, the month, in all. */
const spendingFaults = ({ spending, predictions }: Books): string[] =>
  spending.flatMap(({ keyId, day, daySpent, monthSpent, totalSpent }) => {
    const paid = predictions.filter(
      ({ apiKeyId, status }) =>
        apiKeyId === keyId && (!hasEnded({ status }) || status === 'SUCCEEDED'),
    )
    const since = (length: number) =>
      paid
        .filter(({ queuedAt }) => iso(queuedAt, length) === iso(day, length))
        .reduce((sum, { price }) => sum + BigInt(price), 0n)
    // A day, a month, and everything, as the beginnings of a date.
    const wanted = String([since(10), since(7), since(0)])
    const found = String([daySpent, monthSpent, totalSpent])
    return found === wanted ? [] : [`key ${keyId} counts ${found} as spent, it is ${wanted}`]
  })

const iso = (at: Date | null, length: number) => at?.toISOString().slice(0, length) ?? ''

/** What was never queued, and so never paid for, has no result. */
const neverRunFaults = ({ queuedAt, status }: Prediction): string[] =>
  queuedAt !== null || status === 'DRAFT' || status === 'CANCELED'
    ? []
    : [`a prediction that was never queued is ${status}`]

/** Paid once when queued, resolved once when ended, each part back to its source unless it succeeded. */
function paymentFaults(prediction: Prediction, transfers: Transfer[]): string[] {
  const { price, heldBonus, queuedAt, status } = prediction
  const billed = queuedAt !== null && price > 0
  const resolution = status === 'SUCCEEDED' ? 'CAPTURE' : 'RELEASE'
  const wanted = [
    ...(billed ? [`HOLD ${price} (${heldBonus} bonus)`] : []),
    ...(billed && hasEnded(prediction) ? [`${resolution} ${price} (${heldBonus} bonus)`] : []),
  ]
  const found = transfers.map(
    ({ kind, amount, bonusAmount }) => `${kind} ${amount} (${bonusAmount} bonus)`,
  )
  return String(found) === String(wanted)
    ? []
    : [`a ${status} prediction has the transfers [${found}], not [${wanted}]`]
}

/** What ended at its deadline or after it has no result, and so costs nothing. */
const lateFaults = ({ status, deadline, finishedAt }: Prediction): string[] =>
  status === 'SUCCEEDED' && deadline && finishedAt && finishedAt >= deadline
    ? [`a prediction due by ${deadline.toISOString()} succeeded at ${finishedAt.toISOString()}`]
    : []

/** Each event begins where the one before ended, and the last is the prediction's status. */
function courseFaults({ status }: Prediction, course: Event[]): string[] {
  const broken = course.some(({ from }, i) => from !== (course[i - 1]?.to ?? null))
  return broken || course.at(-1)?.to !== status
    ? [`a ${status} prediction has the events ${course.map(({ from, to }) => `${from}→${to}`)}`]
    : []
}
