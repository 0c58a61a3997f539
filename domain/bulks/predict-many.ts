import type { Wallet } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import type { PredictionRequest } from '../catalogue/parse-request.js'
import type { Domain } from '../domain.js'
import { IdempotencyConflictError, NotFoundError } from '../errors.js'
import { takeTokens, tooManyOpen } from '../limits/limits.js'
import { pinHash } from '../predictions/call-hash.js'
import { callOf } from '../predictions/predict.js'
import { priceOf } from '../predictions/quote.js'
import { requestHash } from '../predictions/request-hash.js'
import { apiKeyIdOf, type Viewer } from '../viewer.js'
import type { Bulk } from './bulk.js'
import { type BulkRun, checkBulkRun, checkRoom, checkSize } from './bulk-run.js'
import { type CheckedItems, checkItems } from './check-items.js'
import { claimItems, releaseItems } from './claim-items.js'
import { BulkRefusedError } from './errors.js'
import type { BulkAnswer, BulkCall } from './hold-bulk.js'
import { readBulk } from './read-bulk.js'
import { capped, refuseUnlessAll, unpaid, unpermitted } from './refuse-unless-all.js'

/** An accepted bulk, and the wallet after it. */
export interface BulkAccepted {
  bulk: Bulk
  wallet: Wallet
  /** The key had been used; nothing was charged again. */
  replayed: boolean
}

/**
 * Checks, pays for and queues up to 1,000 predictions in one transaction. An item that is refused
 * is told so by itself and costs nothing; what the limits refuse, they refuse as a whole.
 *
 * @param read the request of an item; throws InvalidInputError where it has none.
 * @throws InvalidInputError, BulkRefusedError, IdempotencyConflictError, RateLimitedError,
 * UnavailableError
 */
export async function predictMany(
  domain: Domain,
  viewer: Viewer,
  items: readonly unknown[],
  read: (item: unknown) => PredictionRequest,
  run: BulkRun,
): Promise<BulkAccepted> {
  checkSize(items)
  const checked = await checkItems(domain, items, read)
  const binding = bindingOf(viewer, checked, run)
  const call = await callOfBulk(domain, viewer, checked, run, binding).catch(
    async (refusal: unknown) => {
      const bulkId = await findReplay(domain, binding)
      if (bulkId === null) throw refusal
      return bulkId
    },
  )
  if (typeof call === 'string') return answered(domain, viewer, call, true)
  const answer = await domain.bulkHolds.submit(call)
  // An item that is refused is stored as well, free of charge.
  if (answer.outcome !== 'HELD') domain.limits.tokens.giveBack(viewer.userId, call.size)
  const parsed = new Map(checked.accepted.map((item) => [item.index, item.parsed]))
  await releaseItems(
    domain,
    call.items.map(({ index, call: { id } }) => ({ id, parsed: parsed.get(index) })),
  )
  return accepted(domain, viewer, call, answer)
}

type Binding = Pick<BulkCall, 'userId' | 'key' | 'hash'>

const bindingOf = ({ userId }: Viewer, { hash }: CheckedItems, run: BulkRun): Binding => ({
  userId,
  key: run.idempotencyKey,
  hash: requestHash([hash, run.explain, run.allOrNothing, run.deadline ?? null]),
})

async function callOfBulk(
  domain: Domain,
  viewer: Viewer,
  checked: CheckedItems,
  run: BulkRun,
  binding: Binding,
): Promise<BulkCall> {
  const deadline = checkBulkRun(run)
  const claimed = await claimItems(domain, viewer, checked)
  try {
    checkRoom(claimed.accepted, domain.limits.openPredictions)
    if (run.allOrNothing) await refuseUnlessAll(domain, viewer, claimed)
    takeTokens(domain, viewer, claimed.accepted.length + claimed.refused.length)
  } catch (refusal) {
    await releaseItems(domain, claimed.accepted)
    throw refusal
  }
  const id = uuidv7()
  const asked = { userId: viewer.userId, apiKeyId: apiKeyIdOf(viewer), revision: null, deadline }
  const items = claimed.accepted.map(({ index, parsed, id: predictionId }) => {
    const own = { id: predictionId, key: `bulk:${id}:${index}`, price: priceOf(domain, parsed) }
    return { index, call: callOf(parsed, run, { ...asked, ...own, hash: pinHash(parsed, run) }) }
  })
  const refused = claimed.refused.map(({ index, issues }) => ({
    index,
    refusal: { code: 'INVALID_INPUT' as const, issues },
  }))
  const size = items.length + refused.length
  return { ...binding, id, size, allOrNothing: run.allOrNothing, items, refused }
}

/** The bulk that an equal call was accepted for; its answer may have been lost. */
async function findReplay(domain: Domain, { userId, key, hash }: Binding): Promise<string | null> {
  const bound = await domain.db.prisma.bulk.findFirst({
    where: { userId, idempotencyKey: key, requestHash: Buffer.from(hash, 'hex') },
    select: { id: true },
  })
  return bound?.id ?? null
}

function accepted(
  domain: Domain,
  viewer: Viewer,
  call: BulkCall,
  answer: BulkAnswer,
): Promise<BulkAccepted> {
  switch (answer.outcome) {
    case 'HELD':
      return answered(domain, viewer, call.id, false)
    case 'REPLAYED':
      // Bound to our own id: an earlier sending of this very call was committed, its reply lost.
      return answered(domain, viewer, answer.bulkId, answer.bulkId !== call.id)
    case 'NO_CONSENT':
      throw new BulkRefusedError(unpermitted(domain.catalogue, call, answer.models))
    case 'CAPPED':
      throw new BulkRefusedError([capped(answer.passed)])
    case 'POOR':
      throw new BulkRefusedError([unpaid(call, answer.available)])
    case 'KEY_CONFLICT':
      throw new IdempotencyConflictError('This key was used for other items.')
    case 'CROWDED':
      throw tooManyOpen()
    default:
      throw new NotFoundError('No such wallet.')
  }
}

async function answered(
  domain: Domain,
  viewer: Viewer,
  id: string,
  replayed: boolean,
): Promise<BulkAccepted> {
  const bulk = await readBulk(domain, viewer, id)
  const wallet = await domain.reads.wallets.submit(viewer.userId)
  if (!wallet) throw new NotFoundError('No such wallet.')
  return { bulk, wallet, replayed }
}
