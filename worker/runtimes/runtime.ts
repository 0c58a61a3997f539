import type { Contribution } from '@presage/messages/output'
import type { Calibration } from '@presage/models/calibration/calibration'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { FeatureValue } from '@presage/models/card/feature-schema'
import type { ArtifactFiles } from './artifact.js'

/** A row's features in the card's first units, with the card's derived columns beside them. */
export type Values = Readonly<Record<string, FeatureValue>>

/** `baseline` + the sum of contributions = the value it explains. */
export interface Attribution {
  baseline: number
  contributions: Contribution[]
}

/** The files that rows name, by the id that stands in the row; one that is lost is not in it. */
export type Uploads = ReadonlyMap<string, Uint8Array>

/** An encoded picture: its file, and its size in pixels. */
export interface Picture {
  bytes: Uint8Array<ArrayBuffer>
  width: number
  height: number
}

/**
 * What a runtime computed for one row. `value` is in the card's unit, for a classification the
 * log-odds of the positive class, for a picture the share of it that is not transparent; `measures`
 * are further figures by name.
 */
export interface Computed {
  value: number
  measures: Record<string, number>
  /** What a model of the task `image` draws. */
  picture?: Picture
}

/** A computed row that asked why. */
export interface Explained {
  values: Values
  value: number
}

/** A row that cannot be computed, by its own fault; the others of the batch can. */
export class RowError extends Error {
  override readonly name: string = 'RowError'
  /** @param code stable, for programs; the message is for people. */
  constructor(
    message: string,
    readonly code: string = 'INVALID_INPUT',
    options?: ErrorOptions,
  ) {
    super(message, options)
  }
}

/** One loaded variant. */
export interface Runtime {
  readonly calibration: Calibration | undefined
  /** One answer for each row, in order; a row that fails gives a RowError in its place. */
  predictBatch(rows: readonly Values[], uploads?: Uploads): Promise<(Computed | RowError)[]>
  /** One attribution for each row, in order, on the scale of `value`. */
  explainBatch(rows: readonly Explained[]): Promise<Attribution[]>
  close(): void
}

/** What a runtime is opened for. */
export interface RuntimeContext {
  card: ModelCard
  variant: Variant
}

/**
 * Loads a variant from its verified files.
 * @throws ArtifactError when they do not hold what the runtime needs.
 */
export type OpenRuntime = (files: ArtifactFiles, context: RuntimeContext) => Promise<Runtime>
