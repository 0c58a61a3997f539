import { z } from 'zod'

/** The core NATS subject on which each worker says that it is there. */
export const WORKER_BEAT_SUBJECT = 'workers.beat.v1'

/** How often a worker says so; a lost one costs nothing, as the next is not far. */
export const WORKER_BEAT_MS = 2000

/** Longer reasons are cut, so that a beat with many stays far below what NATS carries. */
export const REFUSAL_LENGTH = 1000

const modelVersion = { model: z.string().max(64), version: z.string().max(32) }

const count = z.number().int().nonnegative()

/** One sign of life of a worker, with what it is and how it does. */
export const workerBeatSchema = z.object({
  worker: z.string().min(1).max(64),
  /** What computes: `tensorflow` or `wasm`; `plain` when no model needs either. */
  backend: z.string().max(32),
  models: z.array(z.object(modelVersion)).max(256),
  /** Installed, and left to other workers; one of the release before does not tell. */
  refused: z
    .array(z.object({ ...modelVersion, reason: z.string().max(REFUSAL_LENGTH) }))
    .max(256)
    .default([]),
  /** Jobs taken and not ended. */
  inFlight: count,
  /** Jobs computed since it started, and in a second of late. */
  computed: count,
  perSecond: z.number().nonnegative(),
  startedAt: z.iso.datetime(),
  /** It finishes what it has and goes: its last words. */
  leaving: z.boolean(),
})
export type WorkerBeat = z.infer<typeof workerBeatSchema>
