import type { Feature, FeatureValue } from '@presage/models/card/feature-schema'

/** The way the output shall go. */
export type Toward = 'lower' | 'higher'

/** Halvings of the way to the end of a feature's range, from the whole way to 1/65,536 of it. */
const HALVINGS = 17

/** The ends of its range to which a feature may move so that the output goes that way. */
function ends({ monotone, min = 0, max = 0 }: Feature, toward: Toward): number[] {
  if (!monotone) return [min, max]
  return [(monotone === 'increasing') === (toward === 'higher') ? max : min]
}

function numbers(feature: Feature, from: number, toward: Toward): number[] {
  const steps = ends(feature, toward).flatMap((end) =>
    Array.from({ length: HALVINGS }, (_, k) => from + (end - from) / 2 ** k),
  )
  const whole = feature.type === 'int' ? steps.map(Math.round) : steps
  return [...new Set(whole)].filter((value) => value !== from)
}

/**
 * The values that a mutable feature may take instead of its own: nearer and nearer to it, and only
 * in the direction in which the card says that the output follows.
 */
export function stepsOf(
  feature: Feature,
  from: FeatureValue | undefined,
  toward: Toward,
): FeatureValue[] {
  if (!feature.mutable || from === undefined) return []
  if (typeof from === 'number') return numbers(feature, from, toward)
  if (typeof from === 'boolean') return [!from]
  return (feature.choices ?? []).filter((choice) => choice !== from)
}

/** How far a change goes, as a share of the feature's range; another choice or flag is the whole. */
export function distance(feature: Feature, from: FeatureValue, to: FeatureValue): number {
  if (typeof from !== 'number' || typeof to !== 'number') return from === to ? 0 : 1
  const { min = 0, max = 1 } = feature
  return Math.abs(to - from) / (max - min)
}

/** Halfway between two numbers as the feature counts, or undefined when nothing is between. */
export function between(
  feature: Feature,
  from: FeatureValue,
  to: FeatureValue,
): FeatureValue | undefined {
  if (typeof from !== 'number' || typeof to !== 'number') return undefined
  const middle = feature.type === 'int' ? Math.trunc((from + to) / 2) : (from + to) / 2
  return middle === from || middle === to ? undefined : middle
}
