import type { Domain } from '../domain.js'
import { InvalidInputError } from '../errors.js'
import { capsOf } from '../identity/spending-caps.js'
import type { Viewer } from '../viewer.js'

/** One thing that is kept about a user, as plain JSON; `section` says what it is. */
export type ExportRecord = { section: string } & Record<string, unknown>

/** Some records, and where to go on behind them; the last page has none. */
export interface ExportPage {
  cursor: string
  records: ExportRecord[]
  isLast: boolean
}

const PAGE = 200

/** What is kept, in the order of the export; each reads a page behind a key, '' = from the start. */
const SECTIONS = [
  'account',
  'sessions',
  'apiKeys',
  'consents',
  'transactions',
  'predictions',
] as const
type Section = (typeof SECTIONS)[number]

type Read = (domain: Domain, userId: string, after: string) => Promise<Keyed[]>
type Keyed = [key: string, record: Record<string, unknown>]

const readers: Readonly<Record<Section, Read>> = {
  account: readAccount,
  sessions: readSessions,
  apiKeys: readApiKeys,
  consents: readConsents,
  transactions: readTransfers,
  predictions: readPredictions,
}

/**
 * All that is kept about the caller, a page at a time: nothing is read before it is asked for.
 *
 * @param after the cursor of the last page seen; null = from the start
 * @throws InvalidInputError for a cursor that is none.
 */
export async function* exportAccount(
  domain: Domain,
  { userId }: Viewer,
  after: string | null,
): AsyncGenerator<ExportPage, void, void> {
  const [from, startKey] = placeOf(after)
  let cursor = after ?? ''
  for (const section of SECTIONS.slice(SECTIONS.indexOf(from))) {
    let key = section === from ? startKey : ''
    for (;;) {
      const rows = await readers[section](domain, userId, key)
      const last = rows.at(-1)
      if (!last) break
      key = last[0]
      cursor = `${section}:${key}`
      const records = rows.map(([, record]) => ({ section, ...record }))
      yield { cursor, records, isLast: false }
    }
  }
  yield { cursor, records: [], isLast: true }
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

function placeOf(cursor: string | null): [Section, string] {
  if (cursor === null) return ['account', '']
  const [name, key = ''] = cursor.split(':')
  const section = SECTIONS.find((each) => each === name)
  const isKey = section === 'transactions' ? /^\d{1,18}$/.test(key) : UUID.test(key)
  if (section && isKey) return [section, key]
  throw new InvalidInputError([{ path: ['after'], message: 'This is no cursor of an export.' }])
}

async function readAccount({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  if (after) return []
  const user = await db.prisma.user.findUniqueOrThrow({
    where: { id: userId },
    include: { wallet: true },
  })
  const { email, createdAt, isAdmin, wallet } = user
  const { balance, bonus, held } = wallet ?? { balance: 0n, bonus: 0n, held: 0n }
  const credits = { balance: Number(balance), bonus: Number(bonus), held: Number(held) }
  return [[userId, { email, createdAt, isAdmin, credits }]]
}

async function readSessions({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.session.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    select: {
      id: true,
      device: true,
      address: true,
      createdAt: true,
      expiresAt: true,
      revokedAt: true,
    },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

async function readApiKeys(
  { db, identity }: Domain,
  userId: string,
  after: string,
): Promise<Keyed[]> {
  const rows = await db.prisma.apiKey.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true, secretHash: true },
    include: { spending: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map(({ spending, ...row }) => [
    row.id,
    { ...row, spendingCaps: capsOf(spending, identity.now()) },
  ])
}

/** When the user agreed to what, and withdrew it. */
async function readConsents({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.consentEntry.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}

async function readTransfers({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.transfer.findMany({
    where: { userId, ...(after && { seq: { gt: BigInt(after) } }) },
    omit: { userId: true, requestHash: true, actorId: true },
    orderBy: { seq: 'asc' },
    take: PAGE,
  })
  return rows.map(({ seq, amount, bonusAmount, availableAfter, ...row }) => [
    String(seq),
    {
      ...row,
      seq: Number(seq),
      amount: Number(amount),
      bonusAmount: Number(bonusAmount),
      availableAfter: Number(availableAfter),
    },
  ])
}

async function readPredictions({ db }: Domain, userId: string, after: string): Promise<Keyed[]> {
  const rows = await db.prisma.prediction.findMany({
    where: { userId, ...(after && { id: { gt: after } }) },
    omit: { userId: true, requestHash: true, dueAt: true },
    orderBy: { id: 'asc' },
    take: PAGE,
  })
  return rows.map((row) => [row.id, row])
}
