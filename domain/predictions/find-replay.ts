import type { Domain } from '../domain.js'
import { flushCommits, onOneSession } from '../lane/flush-commits.js'
import { callHash } from './call-hash.js'
import { keyTaken } from './key-taken.js'
import type { Order } from './order.js'
import type { Accepted } from './predict.js'
import { type Prediction, predictionColumns } from './prediction.js'
import type { Run } from './run.js'

/**
 * The prediction that an equal call with the same key was accepted for; null when there was none.
 * For a call that would be refused by now: the answer to the first may have been lost.
 *
 * @throws IdempotencyConflictError when a draft is run under a key of another call.
 */
export async function findReplay(
  domain: Domain,
  { userId, key }: { userId: string; key: string },
  order: Order,
  run: Run,
): Promise<Accepted | null> {
  const prediction = await boundTo(domain, userId, key)
  if (!prediction?.requestHash) return null
  const { model, version } = prediction
  const ran = domain.catalogue.version(model, version) ?? domain.catalogue.model(model)
  const hash = callHash(order.asked(ran?.card ?? { features: [] }), run)
  if (Buffer.from(prediction.requestHash).toString('hex') !== hash) {
    // Input that is wrong is told so, whatever its key; what a draft holds is not the call's.
    if (order.revision !== null) throw keyTaken()
    return null
  }
  const wallet = await domain.reads.wallets.submit(userId)
  return wallet && { prediction, wallet, replayed: true }
}

/** The prediction with this key; its hold is flushed then, as somebody is to be told of it. */
const boundTo = ({ db }: Domain, userId: string, key: string): Promise<Prediction | null> =>
  onOneSession(db.pool, async (session) => {
    const { rows } = await session.query<Prediction>({
      name: 'prediction_by_key',
      text: `SELECT ${predictionColumns()} FROM predictions p
             WHERE p.user_id = $1 AND p.idempotency_key = $2`,
      values: [userId, key],
    })
    const [found = null] = rows
    if (found) await flushCommits(session)
    return found
  })
