import { z } from 'zod'
import { originSchema } from './origin.js'
import { explanationSchema, outputSchema } from './output.js'

/** The core NATS subject on which the servers' queue group settles results. */
export const RESULTS_SUBJECT = 'results.v1'

/** The queue group of servers behind {@link RESULTS_SUBJECT} and the started hint. */
export const SERVERS_QUEUE = 'servers'

/** Why a prediction failed: `code` is stable, `message` is for people. */
export const failureSchema = z.object({ code: z.string(), message: z.string() })
export type Failure = z.infer<typeof failureSchema>

/** How one job ended. */
export const resultSchema = z.discriminatedUnion('outcome', [
  z.object({
    id: z.uuid(),
    outcome: z.literal('succeeded'),
    output: outputSchema,
    explanation: explanationSchema.optional(),
  }),
  z.object({ id: z.uuid(), outcome: z.literal('failed'), failure: failureSchema }),
])
export type Result = z.infer<typeof resultSchema>

/** A batch of results from one worker, with the origins that are known, by prediction id. */
export const resultsSchema = z.object({
  worker: z.string(),
  results: z.array(resultSchema),
  origins: z.record(z.uuid(), originSchema).optional(),
})
export type Results = z.infer<typeof resultsSchema>

/**
 * What the server did with a result: `settled` now, `closed` before (or unknown), `invalid` and
 * never to be accepted, or `retry` because nothing could be decided. All but `retry` end the job.
 */
export const verdictSchema = z.enum(['settled', 'closed', 'invalid', 'retry'])
export type Verdict = z.infer<typeof verdictSchema>

/** The servers' reply to {@link resultsSchema}, one verdict for each result, by prediction id. */
export const verdictsSchema = z.object({ verdicts: z.record(z.uuid(), verdictSchema) })
export type Verdicts = z.infer<typeof verdictsSchema>
