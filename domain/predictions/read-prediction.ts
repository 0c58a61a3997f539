import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import type { Prediction } from './prediction.js'

/** The caller's prediction, or null when there is none that they may see. */
export async function findPrediction(
  domain: Domain,
  viewer: Pick<Viewer, 'userId'>,
  id: string,
): Promise<Prediction | null> {
  const prediction = await domain.reads.predictions.submit(id)
  return prediction?.userId === viewer.userId ? prediction : null
}

/** @throws NotFoundError, also when it is another's. */
export async function readPrediction(
  domain: Domain,
  viewer: Viewer,
  id: string,
): Promise<Prediction> {
  const prediction = await findPrediction(domain, viewer, id)
  if (!prediction) throw new NotFoundError('No such prediction.')
  return prediction
}
