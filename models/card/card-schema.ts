import { z } from 'zod'

/** A feature's value in the first unit of its card, or its choice, flag or upload id. */
export type FeatureValue = number | string | boolean

const camelCase = z.string().regex(/^[a-z][a-zA-Z0-9]*$/, 'must be camelCase')
const kebabCase = z.string().regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'must be kebab-case')
const lowerCase = z.string().regex(/^[a-z][a-z0-9]*$/, 'must be lower-case letters and digits')
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits (sha256sum <file>)')
const fileName = z
  .string()
  .regex(/^[\w@.-]+(\/[\w@.-]+)*$/, 'must be a file path below the folder of the card')
  .refine((path) => !path.split('/').includes('..'), 'must not leave the folder of the card')
const text = z.string().trim().min(1)

/** A unit a laboratory reports in: value in the first unit = value × `factor` + `offset`. */
const unitSchema = z.strictObject({
  symbol: text,
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'must be UPPER_SNAKE'),
  factor: z.number().positive(),
  offset: z.number().default(0),
})
export type Unit = z.infer<typeof unitSchema>

const featureSchema = z.strictObject({
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
  choices: z.array(lowerCase).min(2).optional(),
  example: z.union([z.number(), z.string(), z.boolean()]),
  mutable: z.boolean().default(false),
  monotone: z.enum(['increasing', 'decreasing']).optional(),
  group: text.optional(),
})
export type Feature = z.infer<typeof featureSchema>

const metricSchema = z.strictObject({
  name: text,
  value: z.number(),
  rows: z.int().positive(),
})
export type Metric = z.infer<typeof metricSchema>

/** A named combination of inputs, by the features' groups, with the error measured for it. */
const inputSetSchema = z.strictObject({
  name: camelCase,
  title: text,
  groups: z.array(text).min(1),
  metrics: z.array(metricSchema).min(1),
})

const variantSchema = z.strictObject({
  name: lowerCase,
  title: text,
  summary: text,
  price: z.int().nonnegative(),
  runtime: kebabCase,
  artifact: fileName,
  sha256,
  /** Further files the artifact needs, each with its hash. */
  files: z.array(z.strictObject({ path: fileName, sha256 })).default([]),
  /** Features that this variant needs although the card calls them optional. */
  requires: z.array(camelCase).default([]),
  /** Measures this variant can report, by name. */
  measures: z.array(camelCase).default([]),
  explanation: z.strictObject({ method: kebabCase, unit: text, baseline: text }),
  /** How to read `low` to `high`; absent when the variant states no interval. */
  interval: z.strictObject({ level: z.number().gt(0).lt(1), meaning: text }).optional(),
  metrics: z.array(metricSchema).default([]),
  inputSets: z.array(inputSetSchema).default([]),
})

const cardShape = z.strictObject({
  name: kebabCase,
  title: text,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be three numbers such as 1.0.0'),
  task: z.enum(['regression', 'classification', 'image']),
  summary: text,
  intendedUse: text,
  limits: z.array(text).min(1),
  features: z.array(featureSchema).min(1),
  variants: z.array(variantSchema).min(1),
  output: z.strictObject({ unit: text, title: text }),
  measures: z
    .array(z.strictObject({ name: camelCase, title: text, unit: text, help: text.optional() }))
    .default([]),
  trainingData: z.strictObject({
    source: text,
    licence: text,
    citation: text,
    rows: z.int().positive(),
    selection: text,
    sha256,
  }),
  /**
   * Present when what is sent, or what it tells, is data on health: what a caller has to agree to
   * first. Another text that asks for more needs another version, and then everybody agrees anew.
   */
  healthData: z.strictObject({ consentVersion: z.int().positive(), consentText: text }).optional(),
  /** For how many days inputs are kept after a run; absent = until the account is deleted. */
  inputsKeptDays: z.int().positive().optional(),
  /** Rows with known answers, one JSON object a line. */
  golden: fileName,
})

type Complain = (path: (string | number)[], message: string) => void

function checkFeature(feature: Feature, complain: Complain) {
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
  if (numeric && !(typeof example === 'number' && example >= Number(min) && example <= Number(max)))
    complain(['example'], `must be a number from ${min} to ${max}`)
}

const repeated = (items: readonly { name: string }[]) =>
  items.map((item) => item.name).filter((name, index, all) => all.indexOf(name) < index)

function checkReferences(card: z.infer<typeof cardShape>, complain: Complain) {
  const known = (list: readonly { name: string }[], names: readonly string[]) =>
    names.filter((name) => !list.some((item) => item.name === name))
  card.variants.forEach((variant, v) => {
    for (const name of known(card.features, variant.requires))
      complain(['variants', v, 'requires'], `no feature is called ${name}`)
    for (const name of known(card.measures, variant.measures))
      complain(['variants', v, 'measures'], `no measure is called ${name}`)
    variant.inputSets.forEach((set, s) => {
      for (const group of set.groups)
        if (!card.features.some((feature) => feature.group === group))
          complain(['variants', v, 'inputSets', s], `no feature is of the group ${group}`)
    })
  })
}

/** Names the features of every input set. */
function withFeatures(card: z.infer<typeof cardShape>) {
  const variants = card.variants.map((variant) => ({
    ...variant,
    inputSets: variant.inputSets.map((set) => ({
      ...set,
      features: card.features
        .filter(({ group }) => group !== undefined && set.groups.includes(group))
        .map(({ name }) => name),
    })),
  }))
  return { ...card, variants }
}

/** A model's card: the one source of its GraphQL input, its validation and its documentation. */
export const cardSchema = cardShape
  .superRefine((card, context) => {
    const complain: Complain = (path, message) =>
      context.addIssue({ code: 'custom', path, message, input: undefined })
    for (const list of ['features', 'variants', 'measures'] as const)
      for (const twice of repeated(card[list])) complain([list], `${twice} is named twice`)
    card.features.forEach((feature, index) => {
      checkFeature(feature, (path, message) => complain(['features', index, ...path], message))
    })
    checkReferences(card, complain)
  })
  .transform(withFeatures)
export type ModelCard = z.infer<typeof cardSchema>
export type Variant = ModelCard['variants'][number]
export type InputSet = Variant['inputSets'][number]
export type HealthData = NonNullable<ModelCard['healthData']>

/** The unit a feature's value is computed in; null when it has none. */
export const canonicalUnit = (feature: Feature): string | null =>
  feature.units?.[0]?.symbol ?? feature.unit ?? null

/** A value in `unit`, in the feature's first unit. */
export const toCanonical = (unit: Unit, value: number) => value * unit.factor + unit.offset

/** A value in the feature's first unit, in `unit`. */
export const fromCanonical = (unit: Unit, value: number) => (value - unit.offset) / unit.factor
