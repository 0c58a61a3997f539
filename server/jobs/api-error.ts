import { JetStreamApiError } from '@nats-io/jetstream'

/** Turns the one refusal of the JetStream API that is expected into null. */
export const orNull =
  (code: number) =>
  (error: unknown): null => {
    if (error instanceof JetStreamApiError && error.code === code) return null
    throw error
  }
