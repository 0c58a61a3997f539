import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { PredictRow } from './open-model.js'

/** The card's example: whole, and with only what must be sent. */
export function exampleRows({ features }: ModelCard, { requires }: Variant): PredictRow[] {
  const needed = features.filter(({ name, required }) => required || requires.includes(name))
  return [features, needed].map((sent) => ({
    values: Object.fromEntries(sent.map(({ name, example }) => [name, example])),
    explain: true,
  }))
}
