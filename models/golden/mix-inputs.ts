import type { ModelCard } from '../card/card-schema.js'
import type { FeatureValue } from '../card/feature-schema.js'
import type { GoldenRow } from '../card/golden.js'
import { parseInput } from '../card/parse-input.js'
import type { Random } from '../random/random.js'
import { accept, pick } from './invent.js'

/**
 * As many rows of a variant as are asked for, hardly two alike: each feature as in one of its golden
 * inputs or another, where the card accepts that, else one of them whole.
 */
export function mixInputs(
  card: ModelCard,
  variant: string,
  golden: readonly GoldenRow[],
  count: number,
  random: Random,
): Record<string, FeatureValue>[] {
  const inputs = golden.filter((row) => row.variant === variant).map(({ input }) => input)
  return Array.from({ length: count }, () => {
    const mixed = card.features.flatMap(({ name }) => {
      const sent = pick(inputs, random)[name]
      return sent === undefined ? [] : [[name, sent]]
    })
    const parsed = parseInput(card, variant, Object.fromEntries(mixed))
    return parsed.ok ? parsed.values : accept(card, variant, pick(inputs, random))
  })
}
