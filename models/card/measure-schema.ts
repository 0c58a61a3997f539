import { z } from 'zod'
import type { Feature, FeatureValue } from './feature-schema.js'
import { type Complain, camelCase, fileName, kebabCase, sha256, text } from './text.js'
import { metricSchema, subgroupSchema } from './variant-schema.js'

/** A figure that is told only to who asks for it, computed by a model of its own. */
const optInSchema = z.strictObject({
  /** The flag that asks for it. */
  feature: camelCase,
  /** What must be given as well, and from which value on. */
  needs: z.array(z.strictObject({ feature: camelCase, min: z.number() })).default([]),
  /** A runtime whose value is the log-odds of the figure. */
  runtime: kebabCase,
  artifact: fileName,
  sha256,
  metrics: z.array(metricSchema).min(1),
  subgroups: z.array(subgroupSchema).default([]),
})

/** A further figure of an output: the runtime's own, made of the probability, or on request. */
export const measureSchema = z.strictObject({
  name: camelCase,
  title: text,
  unit: text,
  help: text.optional(),
  /** `complement` is 1 − probability; absent when the runtime computes the figure. */
  of: z.enum(['complement']).optional(),
  /** Places it is rounded to; absent when it is not. */
  decimals: z.int().min(0).max(15).optional(),
  /** A sentence for people; `{count}` is how many of 100, `{percent}` the same with a decimal. */
  meaning: text.regex(/\{(count|percent)\}/, 'must say {count} or {percent}').optional(),
  optIn: optInSchema.optional(),
})
export type CardMeasure = z.infer<typeof measureSchema>
export type OptIn = z.infer<typeof optInSchema>

/** The figures of a card that are told on request. */
export const optInMeasures = (measures: readonly CardMeasure[]) =>
  measures.flatMap(({ optIn, ...measure }) => (optIn ? [{ ...measure, optIn }] : []))

/** Complains of a figure on request that nobody could ask for. */
export function checkOptIn(
  { feature, needs }: OptIn,
  features: readonly Feature[],
  complain: Complain,
): void {
  const named = (name: string) => features.find((each) => each.name === name)
  const flag = named(feature)
  if (flag?.type !== 'boolean' || flag.required)
    complain(['feature'], `${feature} must be a boolean feature that is not required`)
  needs.forEach((need, index) => {
    const type = named(need.feature)?.type
    if (type !== 'float' && type !== 'int')
      complain(['needs', index, 'feature'], `${need.feature} must be a feature that is a number`)
  })
}

/** Whether a caller asked for a figure that is told on request. */
export const asksFor = ({ feature }: OptIn, values: Readonly<Record<string, FeatureValue>>) =>
  values[feature] === true
