import type { DerivedFeature, FeatureValue } from '../card/feature-schema.js'

/** Features with the card's derived columns beside them; one that cannot be computed is absent. */
export function derive(
  derived: readonly DerivedFeature[],
  values: Readonly<Record<string, FeatureValue>>,
): Record<string, FeatureValue> {
  const known: Record<string, FeatureValue> = { ...values }
  for (const { name, formula } of derived) {
    const value = formula.evaluate(known)
    if (!Number.isNaN(value)) known[name] = value
  }
  return known
}
