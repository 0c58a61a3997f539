import { z } from 'zod'

/** What the sum of the leaves is, by the loss that the model was trained for. */
const OUTPUTS = {
  Logloss: 'log-odds',
  CrossEntropy: 'log-odds',
  RMSE: 'value',
  MAE: 'value',
  Quantile: 'value',
  Huber: 'value',
  LogCosh: 'value',
  MAPE: 'value',
} as const

const lossSchema = z.object({ type: z.string() }).transform(({ type }, context) => {
  const output = Object.entries(OUTPUTS).find(([loss]) => loss === type)?.[1]
  if (output) return output
  const supported = Object.keys(OUTPUTS).join(', ')
  context.addIssue(`the loss ${type} is not supported, only ${supported}`)
  return z.NEVER
})

/** CatBoost writes null for a list that is empty. */
const listOf = <S extends z.ZodType>(entry: S) =>
  z
    .array(entry)
    .nullish()
    .transform((list) => list ?? [])

const none = (what: string) =>
  listOf(z.unknown()).refine((list) => list.length === 0, `${what} are not supported`)

const featureSchema = z.object({
  feature_index: z.int().min(0),
  flat_feature_index: z.int().min(0),
  feature_name: z.string().optional(),
  feature_id: z.string().optional(),
})

const floatFeatureSchema = featureSchema.extend({
  nan_value_treatment: z.enum(['AsIs', 'AsFalse', 'AsTrue']),
})

/** A category as text, beside what stands for it in splits. */
const categorySchema = z.object({ hash: z.int(), value: z.string() })

/** By a border of a float feature, or by one category of a categorical one, as its hash. */
const splitSchema = z.object({
  split_type: z
    .enum(['FloatFeature', 'OneHotFeature'], 'only splits by a border or a category are supported')
    .default('FloatFeature'),
  float_feature_index: z.int().min(0).optional(),
  border: z.number().optional(),
  cat_feature_index: z.int().min(0).optional(),
  value: z.int().optional(),
})

const obliviousTreeSchema = z.object({
  splits: listOf(splitSchema),
  leaf_values: z.array(z.number()),
  leaf_weights: z.array(z.number().min(0), 'without leaf weights nothing can be explained'),
})

/** What is read of a model that CatBoost exported as JSON. */
export const catboostSchema = z.object({
  model_info: z.object({ params: z.object({ loss_function: lossSchema }) }),
  features_info: z.object({
    float_features: listOf(floatFeatureSchema),
    categorical_features: listOf(featureSchema),
    cat_features_hash: listOf(categorySchema),
    ctrs: none('features counted from categories'),
    text_features: none('text features'),
    embedding_features: none('embedding features'),
  }),
  oblivious_trees: z.array(
    obliviousTreeSchema,
    'only oblivious trees are supported, of grow_policy SymmetricTree',
  ),
  scale_and_bias: z
    .tuple([z.number(), z.union([z.number().transform((bias) => [bias]), z.array(z.number())])])
    .default([1, [0]]),
})

export type CatboostModel = z.output<typeof catboostSchema>
export type ObliviousTree = z.output<typeof obliviousTreeSchema>
