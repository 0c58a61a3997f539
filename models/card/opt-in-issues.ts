import type { ModelCard, Variant } from './card-schema.js'
import { canonicalUnit, type FeatureValue } from './feature-schema.js'
import { asksFor, optInMeasures } from './measure-schema.js'
import type { InputIssue } from './parse-input.js'

/** Why a figure that was asked for cannot be told, from the values that are there. */
export function optInIssues(
  { features, measures }: ModelCard,
  variant: Variant,
  values: Readonly<Record<string, FeatureValue>>,
): InputIssue[] {
  const asked = optInMeasures(measures).filter(({ optIn }) => asksFor(optIn, values))
  return asked.flatMap(({ name, title, optIn }): InputIssue[] => {
    const path = [optIn.feature]
    if (!variant.measures.includes(name))
      return [{ path, message: `${variant.title} does not tell: ${title}.` }]
    return optIn.needs.flatMap(({ feature, min }) => {
      const value = values[feature]
      if (typeof value === 'number' && value >= min) return []
      const needed = features.find((each) => each.name === feature)
      const unit = (needed && canonicalUnit(needed)) ?? ''
      const from = `${needed?.title ?? feature} must be given, from ${min} ${unit}`.trimEnd()
      return [{ path, message: `${title} is told only to some: ${from} on.`, min }]
    })
  })
}
