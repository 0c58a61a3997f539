import type { Wallet } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { ConflictError } from './conflict-error.js'
import type { Prediction } from './prediction.js'
import { readPrediction } from './read-prediction.js'

/**
 * Ends a prediction that has not ended, gives back what it held, and takes its job back from the
 * queue. A result that still comes is discarded. Cancelling twice answers the same.
 *
 * @throws NotFoundError, ConflictError when it has ended otherwise.
 */
export async function cancelPrediction(
  domain: Domain,
  viewer: Viewer,
  id: string,
): Promise<{ prediction: Prediction; wallet: Wallet }> {
  await readPrediction(domain, viewer, id)
  await domain.closings.submit({ id, status: 'CANCELED' })
  const prediction = await readPrediction(domain, viewer, id)
  if (prediction.status !== 'CANCELED') throw new ConflictError(prediction)
  domain.outbox.withdraw([prediction])
  const wallet = await domain.reads.wallets.submit(viewer.userId)
  if (!wallet) throw new NotFoundError('No such wallet.')
  return { prediction, wallet }
}
