import { z } from 'zod'
import { type Formula, parseFormula } from '../derive/formula.js'
import { type Complain, camelCase, fileName, repeated, snakeCase, text } from './text.js'

/** A feature's value in the first unit of its card, or its choice, flag or upload id. */
export type FeatureValue = number | string | boolean

/** A unit a laboratory reports in: value in the first unit = value × `factor` + `offset`. */
const unitSchema = z.strictObject({
  symbol: text,
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be UPPER_SNAKE'),
  factor: z.number().positive(),
  offset: z.number().default(0),
})
export type Unit = z.infer<typeof unitSchema>

export const featureSchema = z.strictObject({
  name: camelCase,
  title: text,
  type: z.enum(['float', 'int', 'boolean', 'choice', 'upload']),
  required: z.boolean(),
  help: text.optional(),
  /** The only unit of a feature that is sent as a bare number. */
  unit: text.optional(),
  /** The units a caller may choose from; `min`, `max` and `example` are in the first. */
  units: z.array(unitSchema).min(2).optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  choices: z.array(snakeCase).min(2).optional(),
  /** Of an upload a file of the model's folder, which workers compute before they serve. */
  example: z.union([z.number(), z.string(), z.boolean()]),
  mutable: z.boolean().default(false),
  /** How the output moves with the feature; a counterfactual goes no other way. */
  monotone: z.enum(['increasing', 'decreasing']).optional(),
  group: text.optional(),
})
export type Feature = z.infer<typeof featureSchema>

const formulaSchema = z.string().transform((source, context): Formula => {
  const parsed = parseFormula(source)
  if ('inputs' in parsed) return parsed
  context.addIssue({ code: 'custom', message: parsed.fault, input: source })
  return z.NEVER
})

/** A column computed from features, which nobody sends; explanations may name it. */
export const derivedSchema = z.strictObject({
  name: camelCase,
  title: text,
  help: text.optional(),
  unit: text.optional(),
  formula: formulaSchema,
})
export type DerivedFeature = z.infer<typeof derivedSchema>

/** The unit a feature's value is computed in; null when it has none. */
export const canonicalUnit = (feature: Feature): string | null =>
  feature.units?.[0]?.symbol ?? feature.unit ?? null

/** A value in `unit`, in the feature's first unit. */
export const toCanonical = (unit: Unit, value: number) => value * unit.factor + unit.offset

/** A value in the feature's first unit, in `unit`. */
export const fromCanonical = (unit: Unit, value: number) => (value - unit.offset) / unit.factor

/** Complains of what is inconsistent within one feature. */
export function checkFeature(feature: Feature, complain: Complain): void {
  const numeric = feature.type === 'float' || feature.type === 'int'
  const { min, max, example, units, choices } = feature
  if (!numeric && (units || feature.unit || min !== undefined || max !== undefined))
    complain([], `only a float or int has units and a range, and this is a ${feature.type}`)
  if (feature.unit && units) complain(['unit'], 'give unit or units, not both')
  if (numeric && (min === undefined || max === undefined || min >= max))
    complain(['min'], 'a number needs min and max, min below max')
  if (units && (units[0]?.factor !== 1 || units[0].offset !== 0))
    complain(['units', 0], 'the first unit is the canonical one: factor 1 and no offset')
  for (const twice of repeated(units ?? [])) complain(['units'], `${twice} is named twice`)
  if ((feature.type === 'choice') !== (choices !== undefined))
    complain(['choices'], 'a choice, and only a choice, lists its choices')
  if (choices && !choices.some((choice) => choice === example))
    complain(['example'], `must be one of ${choices.join(', ')}`)
  if (feature.type === 'upload' && !fileName.safeParse(example).success)
    complain(['example'], 'must be a file below the folder of the card')
  if (numeric && !(typeof example === 'number' && example >= Number(min) && example <= Number(max)))
    complain(['example'], `must be a number from ${min} to ${max}`)
}
