import type { Prediction } from '@presage/domain/predictions/prediction'
import type { GraphQLContext } from '../context.js'

/**
 * Whether a prediction tells of another person's health: then its input, output and explanation are
 * its owner's alone. Of a model that is not installed any more nobody knows, so it counts as such.
 */
export function isWithheld(
  { userId, model, version }: Pick<Prediction, 'userId' | 'model' | 'version'>,
  { domain, viewer }: Pick<GraphQLContext, 'domain' | 'viewer'>,
): boolean {
  if (viewer?.userId === userId) return false
  const installed = domain.catalogue.version(model, version)
  return installed ? installed.card.healthData !== undefined : true
}
