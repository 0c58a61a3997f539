import { z } from 'zod'
import { checkFeature, derivedSchema, featureSchema } from './feature-schema.js'
import { checkOptIn, measureSchema } from './measure-schema.js'
import { checkBands, classificationSchema, imageSchema, regressionSchema } from './output-schema.js'
import { checkSupport, supportSchema } from './support-schema.js'
import { type Complain, fileName, kebabCase, repeated, sha256, text } from './text.js'
import { variantSchema } from './variant-schema.js'

const common = {
  name: kebabCase,
  title: text,
  version: z.string().regex(/^\d+\.\d+\.\d+$/, 'must be three numbers such as 1.0.0'),
  summary: text,
  intendedUse: text,
  limits: z.array(text).min(1),
  features: z.array(featureSchema).min(1),
  derived: z.array(derivedSchema).default([]),
  variants: z.array(variantSchema).min(1),
  measures: z.array(measureSchema).default([]),
  trainingData: z.strictObject({
    source: text,
    licence: text,
    citation: text,
    rows: z.int().positive(),
    selection: text,
    sha256,
  }),
  /** Whether callers may ask what would have to change; never of a model of health. */
  counterfactual: z.boolean().default(false),
  /**
   * Present when what is sent, or what it tells, is data on health: what a caller has to agree to
   * first. Another text that asks for more needs another version, and then everybody agrees anew.
   */
  healthData: z.strictObject({ consentVersion: z.int().positive(), consentText: text }).optional(),
  /** For how many days inputs are kept after a run; absent = until the account is deleted. */
  inputsKeptDays: z.int().positive().optional(),
  /** The most that two runs of one input may differ, in the output's unit or in probability. */
  tolerance: z.number().positive().default(1e-6),
  support: supportSchema.optional(),
  /** Rows with known answers, one JSON object a line. */
  golden: fileName,
}

const cardShape = z.discriminatedUnion('task', [
  z.strictObject({ ...common, task: z.literal('regression'), output: regressionSchema }),
  z.strictObject({ ...common, task: z.literal('classification'), output: classificationSchema }),
  z.strictObject({ ...common, task: z.literal('image'), output: imageSchema }),
])
type CardShape = z.infer<typeof cardShape>

function checkReferences(card: CardShape, complain: Complain) {
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

/** A formula may speak of features and of what was derived before it. */
function checkDerived({ features, derived }: CardShape, complain: Complain) {
  const known = new Set(features.map(({ name }) => name))
  derived.forEach(({ name, formula }, index) => {
    for (const input of formula.inputs)
      if (!known.has(input))
        complain(['derived', index, 'formula'], `${input} is no feature, nor derived before it`)
    if (known.has(name)) complain(['derived', index, 'name'], `${name} is named twice`)
    known.add(name)
  })
}

function checkCounterfactual(
  { counterfactual, healthData, features }: CardShape,
  complain: Complain,
) {
  if (!counterfactual) return
  if (healthData) complain(['counterfactual'], 'a model of health tells nobody what to change')
  if (!features.some(({ mutable }) => mutable))
    complain(['counterfactual'], 'no feature is mutable, so nothing could be changed')
}

function checkCard(card: CardShape, complain: Complain) {
  for (const list of ['features', 'variants', 'measures'] as const)
    for (const twice of repeated(card[list])) complain([list], `${twice} is named twice`)
  card.features.forEach((feature, index) => {
    checkFeature(feature, (path, message) => complain(['features', index, ...path], message))
  })
  card.measures.forEach(({ optIn }, index) => {
    const at = (path: readonly (string | number)[]) => ['measures', index, 'optIn', ...path]
    if (optIn) checkOptIn(optIn, card.features, (path, message) => complain(at(path), message))
  })
  if (card.task === 'classification')
    checkBands(card.output, (path, message) => complain(['output', ...path], message))
  if (card.support)
    checkSupport(card.support, (path, message) => complain(['support', ...path], message))
  checkCounterfactual(card, complain)
  checkReferences(card, complain)
  checkDerived(card, complain)
}

/** A card whose input sets name their features. */
type WithFeatures<C extends CardShape> = C extends CardShape
  ? Omit<C, 'variants'> & { variants: ReturnType<typeof variantsWithFeatures> }
  : never

const variantsWithFeatures = ({ variants, features }: CardShape) =>
  variants.map((variant) => ({
    ...variant,
    inputSets: variant.inputSets.map((set) => ({
      ...set,
      features: features
        .filter(({ group }) => group !== undefined && set.groups.includes(group))
        .map(({ name }) => name),
    })),
  }))

/** A model's card: the one source of its GraphQL input, its validation and its documentation. */
export const cardSchema = cardShape
  .superRefine((card, context) => {
    checkCard(card, (path, message) =>
      context.addIssue({ code: 'custom', path, message, input: undefined }),
    )
  })
  .transform((card): WithFeatures<CardShape> => ({ ...card, variants: variantsWithFeatures(card) }))
export type ModelCard = z.infer<typeof cardSchema>
export type Variant = ModelCard['variants'][number]
export type InputSet = Variant['inputSets'][number]
export type HealthData = NonNullable<ModelCard['healthData']>
