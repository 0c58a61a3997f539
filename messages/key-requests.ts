import { z } from 'zod'

/** The core NATS subject on which servers tell each other how often they were called by API keys. */
export const KEY_REQUESTS_SUBJECT = 'hints.key-requests.v1'

/**
 * How many requests of each key one server has admitted in a minute of the clock so far. Counts are
 * totals, so that a lost message is made good by the next.
 */
export const keyRequestsSchema = z.object({
  /** The server's own name for as long as it runs. */
  server: z.uuid(),
  /** Whole minutes since 1970. */
  minute: z.int(),
  counts: z.record(z.uuid(), z.int().min(0)),
})
export type KeyRequestCounts = z.infer<typeof keyRequestsSchema>
