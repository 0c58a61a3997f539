import { z } from 'zod'
import { featureValueSchema, versionToken } from './job.js'
import { explanationSchema, outputSchema } from './output.js'
import { failureSchema } from './result.js'

/** What a warm worker is asked directly: answered at once, never queued, stored or billed. */
export const questionSchema = z.object({
  model: z.string(),
  version: z.string(),
  variant: z.string(),
  input: z.record(z.string(), featureValueSchema),
  explain: z.boolean(),
  /** The id of the picture that came of these inputs: the answer tells how far the new one differs. */
  earlier: z.string().optional(),
  /** Asks for the smallest change of the input that reaches this score, instead of its output. */
  target: z.object({ toward: z.enum(['lower', 'higher']), score: z.number() }).optional(),
})
export type Question = z.infer<typeof questionSchema>

/** The answer to a {@link Question}, or why there is none. */
export const answerSchema = z.union([
  z.object({
    output: outputSchema,
    explanation: explanationSchema.optional(),
    /** Of the earlier picture, 1 − intersection over union. */
    difference: z.number().optional(),
  }),
  z.object({ failure: failureSchema }),
  /** null = no change was found that reaches the target. */
  z.object({
    counterfactual: z
      .object({ values: z.record(z.string(), featureValueSchema), score: z.number() })
      .nullable(),
  }),
])
export type Answer = z.infer<typeof answerSchema>

/** The core NATS subject of one model version's questions. */
export const questionSubject = ({ model, version }: Pick<Question, 'model' | 'version'>) =>
  `questions.${model}.${versionToken(version)}`

/** The queue group of workers behind {@link questionSubject}: one of them answers. */
export const WORKERS_QUEUE = 'workers'
