import type { Domain } from '../domain.js'
import { priceOf } from '../predictions/quote.js'
import { MODEL, VARIANT } from './credit-input.js'

/** The credits that a score asked for now costs; null = its model is not on sale here. */
export function scorePrice(domain: Pick<Domain, 'catalogue'>): number | null {
  const model = domain.catalogue.model(MODEL)
  const variant = model?.card.variants.find(({ name }) => name === VARIANT)
  return model && variant ? priceOf(domain, { model, variant }) : null
}
