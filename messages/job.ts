import { z } from 'zod'
import type { Origin } from './origin.js'

/** A feature's value in the first unit of its card. */
export const featureValueSchema = z.union([z.number(), z.string(), z.boolean()])
export type FeatureValue = z.infer<typeof featureValueSchema>

/** One prediction to compute, as it waits in the JOBS stream. */
export const jobSchema = z.object({
  id: z.uuid(),
  model: z.string(),
  version: z.string(),
  variant: z.string(),
  input: z.record(z.string(), featureValueSchema),
  explain: z.boolean(),
})
export type Job = z.infer<typeof jobSchema>

/** A job as it leaves a server; its origin goes in headers, which no computation reads. */
export interface OutgoingJob extends Job {
  origin?: Origin | undefined
}

/** The work-queue stream that carries jobs. */
export const JOBS_STREAM = 'JOBS'

/** NATS subject tokens cannot contain dots, so a version's dots become underscores. */
export const versionToken = (version: string) => version.replaceAll('.', '_')

/** The subject of one prediction's job; one message at most stands on it. */
export const jobSubject = (job: Pick<Job, 'model' | 'version' | 'id'>) =>
  `jobs.${job.model}.${versionToken(job.version)}.${job.id}`

/** The subject filter of one model version's jobs. */
export const jobFilter = (model: string, version: string) =>
  `jobs.${model}.${versionToken(version)}.*`

/** The durable consumer that all workers of one model version share. */
export const jobConsumer = (model: string, version: string) => `${model}-${versionToken(version)}`
