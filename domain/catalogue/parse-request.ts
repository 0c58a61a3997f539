import type { Variant } from '@presage/models/card/card-schema'
import type { FeatureValue } from '@presage/models/card/feature-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { parseInput } from '@presage/models/card/parse-input'
import type { Domain } from '../domain.js'
import { InvalidInputError } from '../errors.js'

/** What a caller asks to have predicted, before it is checked. */
export interface PredictionRequest {
  model: string
  variant: string
  /** null or left out = the one on sale. */
  version?: string | null | undefined
  features: Record<string, unknown>
}

/** A request that fits its model's card: `values` in first units, `stored` as sent. */
export interface ParsedRequest {
  model: InstalledModel
  variant: Variant
  /** The caller asked for this very version. */
  pinned: boolean
  values: Record<string, FeatureValue>
  stored: Record<string, unknown>
}

/**
 * Checks a request against the card of the version that will run: the one asked for, or on sale.
 *
 * @throws InvalidInputError with every issue, when the model is not on sale, or when the version
 * asked for never was or is not installed any more.
 */
export function parseRequest(
  { catalogue }: Pick<Domain, 'catalogue'>,
  request: PredictionRequest,
): ParsedRequest {
  const { version } = request
  const pinned = version != null
  const model = pinned ? catalogue.pinnable(request.model, version) : catalogue.model(request.model)
  if (pinned && !model) throw notForSale(catalogue, request.model, version)
  const variant = model?.card.variants.find(({ name }) => name === request.variant)
  if (!model || !variant)
    throw new InvalidInputError([
      { path: ['model'], message: `${request.model} ${request.variant} is not on sale.` },
    ])
  const parsed = parseInput(model.card, variant.name, request.features)
  if (!parsed.ok) throw new InvalidInputError(parsed.issues)
  return { model, variant, values: parsed.values, stored: parsed.stored, pinned }
}

function notForSale(catalogue: Domain['catalogue'], model: string, version: string) {
  const why = catalogue.isGone(model, version) ? 'is not installed any more' : 'is not for sale'
  const message = `${model} ${version} ${why}: ask for a version that is or has been on sale, or for none.`
  return new InvalidInputError([{ path: ['version'], message }])
}
