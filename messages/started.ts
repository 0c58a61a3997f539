import { z } from 'zod'

/** The core NATS subject of {@link startedSchema}; a lost one costs only a status shown late. */
export const STARTED_SUBJECT = 'started.v1'

/** A worker's hint that it has begun a batch expected to take more than 50 ms. */
export const startedSchema = z.object({ worker: z.string(), ids: z.array(z.uuid()) })
export type Started = z.infer<typeof startedSchema>
