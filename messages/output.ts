import { z } from 'zod'

/** A further named figure of an output, declared by the model's card. */
export const measureSchema = z.object({
  name: z.string(),
  title: z.string(),
  value: z.number(),
  unit: z.string(),
  /** The figure in a sentence for people. */
  meaning: z.string().optional(),
})
export type Measure = z.infer<typeof measureSchema>

/**
 * A number with its unit. `low`, `high` and `level` (0 to 1) bound it, and are null together when
 * the variant states no interval, as a published formula does.
 */
export const regressionOutputSchema = z.object({
  kind: z.literal('regression'),
  value: z.number(),
  unit: z.string(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  level: z.number().nullable(),
  measures: z.array(measureSchema),
})

/** A label with its calibrated probability (0 to 1). */
export const classificationOutputSchema = z.object({
  kind: z.literal('classification'),
  label: z.string(),
  probability: z.number(),
  threshold: z.number(),
  band: z.string(),
  /** The probability in a sentence for people. */
  meaning: z.string(),
  measures: z.array(measureSchema),
})

/** A picture in {@link FILES_BUCKET}, under the prediction's id; `bytes` is its size. */
export const imageOutputSchema = z.object({
  kind: z.literal('image'),
  mediaType: z.enum(['image/png']),
  width: z.int().positive(),
  height: z.int().positive(),
  bytes: z.int().positive(),
  measures: z.array(measureSchema),
})

/** What a model returns, by its task. */
export const outputSchema = z.discriminatedUnion('kind', [
  regressionOutputSchema,
  classificationOutputSchema,
  imageOutputSchema,
])
export type Output = z.infer<typeof outputSchema>
export type RegressionOutput = z.infer<typeof regressionOutputSchema>
export type ImageOutput = z.infer<typeof imageOutputSchema>
export type ClassificationOutput = z.infer<typeof classificationOutputSchema>

/** One feature's share of an output: `baseline` + the sum of contributions = the output. */
export const contributionSchema = z.object({
  feature: z.string(),
  value: z.union([z.number(), z.string(), z.boolean(), z.null()]),
  contribution: z.number(),
})
export type Contribution = z.infer<typeof contributionSchema>

/** Why an output is what it is, in the output's own unit. */
export const explanationSchema = z.object({
  method: z.string(),
  unit: z.string(),
  baseline: z.number(),
  contributions: z.array(contributionSchema),
})
export type Explanation = z.infer<typeof explanationSchema>
