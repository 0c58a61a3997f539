import { z } from 'zod'

/** The core NATS subject on which servers tell each other what a transaction changed. */
export const CHANGED_SUBJECT = 'hints.changed.v1'

/**
 * One committed change of a user's log: `seq` is the wallet's sequence after it, `to` the status
 * that the prediction took on, for those who wait for another; null for a change of credits alone.
 */
export const changeSchema = z.object({
  userId: z.uuid(),
  seq: z.number().int(),
  predictionId: z.uuid().nullable(),
  to: z.string().nullable(),
})
export type Change = z.infer<typeof changeSchema>

/** The changes of one transaction. It says what to re-read and never carries the state itself. */
export const changedSchema = z.object({ changes: z.array(changeSchema) })
export type Changed = z.infer<typeof changedSchema>
