import { z } from 'zod'

/** The core NATS subject on which servers tell each other that a session or an API key was ended. */
export const SESSION_ENDED_SUBJECT = 'hints.session-ended.v1'

/** A lost one is made good within 5 s, when each server next reads the session. */
export const sessionEndedSchema = z.object({ sessionId: z.uuid() })
export type SessionEnded = z.infer<typeof sessionEndedSchema>
