import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import { live } from '../events/live.js'
import type { Viewer } from '../viewer.js'
import { hasEnded, type Prediction } from './prediction.js'

/**
 * The caller's prediction now, then after each change until it has ended.
 *
 * @throws NotFoundError at the first reading when it is not the caller's.
 */
export function watchPrediction(
  domain: Domain,
  viewer: Viewer,
  id: string,
): AsyncIterableIterator<Prediction> {
  let seen = 0
  return live(domain.signals, id, async () => {
    const prediction = await domain.reads.predictions.submit(id)
    if (prediction?.userId !== viewer.userId) throw new NotFoundError('No such prediction.')
    const items = prediction.revision > seen ? [prediction] : []
    seen = prediction.revision
    return { items, next: hasEnded(prediction) ? 'end' : 'signal' }
  })
}
