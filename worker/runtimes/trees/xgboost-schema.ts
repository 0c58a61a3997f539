import { z } from 'zod'

/** XGBoost writes counts as strings. */
const countSchema = z
  .union([z.string(), z.number()])
  .transform(Number)
  .pipe(
    z
      .int()
      .min(0)
      .max(2 ** 31),
  )

/** Version 3 writes the base score as a vector, "[5E-1]". */
const baseScoreSchema = z
  .union([z.string(), z.number()])
  .transform((text) => Number(String(text).replace(/^\[(.*)\]$/, '$1') || Number.NaN))
  .pipe(z.number({ error: 'it is not one number' }))

const only = (what: string, supported: readonly string[]) => ({
  error: ({ input }: { input?: unknown }) =>
    `the ${what} ${String(input)} is not supported, only ${supported.join(', ')}`,
})

const OBJECTIVES = ['binary:logistic', 'binary:logitraw', 'reg:squarederror'] as const

const integers = z.array(z.int())

/** A categorical split has NaN for its condition, which arrives as null. */
const treeSchema = z.object({
  tree_param: z.object({ num_nodes: countSchema, size_leaf_vector: countSchema.default(1) }),
  left_children: integers,
  right_children: integers,
  split_indices: integers,
  split_conditions: z.array(z.number().nullable()),
  split_type: integers.optional(),
  default_left: z.array(z.union([z.boolean(), z.int()]).transform(Boolean)),
  sum_hessian: z.array(z.number()),
  categories: integers.default([]),
  categories_nodes: integers.default([]),
  categories_segments: integers.default([]),
  categories_sizes: integers.default([]),
})

/** What is read of a model as XGBoost 1.7 to 3.x save it; the rest is not needed to predict. */
export const xgboostSchema = z.object({
  learner: z.object({
    feature_names: z.array(z.string()).default([]),
    learner_model_param: z.object({
      base_score: baseScoreSchema,
      num_class: countSchema.default(0),
      num_feature: countSchema,
      num_target: countSchema.default(1),
    }),
    objective: z.object({ name: z.enum(OBJECTIVES, only('objective', OBJECTIVES)) }),
    gradient_booster: z.object({
      name: z.literal('gbtree', only('booster', ['gbtree'])),
      model: z.object({
        gbtree_model_param: z.object({ num_trees: countSchema }),
        tree_info: integers,
        trees: z.array(treeSchema),
      }),
    }),
  }),
})

export type XgboostModel = z.output<typeof xgboostSchema>
export type XgboostTree = z.output<typeof treeSchema>
