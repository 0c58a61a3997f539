import type { ModelCard } from '../card/card-schema.js'
import { type Feature, type FeatureValue, fromCanonical } from '../card/feature-schema.js'
import { parseInput } from '../card/parse-input.js'
import type { Random } from '../random/random.js'

/** One of several, each equally likely. */
export function pick<T>(items: readonly T[], random: Random): T {
  const item = items[Math.floor(random() * items.length)]
  if (item === undefined) throw new Error('there is nothing to pick from')
  return item
}

/** The value as a caller sends it, in one of the feature's units. */
export function send(feature: Feature, value: FeatureValue, random: Random): unknown {
  if (!feature.units) return value
  const unit = pick(feature.units, random)
  return { value: Number(fromCanonical(unit, Number(value)).toPrecision(12)), unit: unit.name }
}

/** An invented input as it is sent: `invent` gives a value in the first unit, or nothing. */
export const inventInput = (
  { features }: ModelCard,
  random: Random,
  invent: (feature: Feature) => FeatureValue | undefined,
): Record<string, unknown> =>
  Object.fromEntries(
    features.flatMap((feature) => {
      const value = invent(feature)
      return value === undefined ? [] : [[feature.name, send(feature, value, random)]]
    }),
  )

/** The values of an input that the card accepts; anything else is a fault of who invented it. */
export function accept(card: ModelCard, variant: string, input: Record<string, unknown>) {
  const parsed = parseInput(card, variant, input)
  if (parsed.ok) return parsed.values
  throw new Error(parsed.issues.map((issue) => issue.message).join(' '))
}

/** One JSON object a line. */
export const ndjson = (rows: readonly unknown[]) =>
  `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`
