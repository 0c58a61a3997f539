import type { Contribution } from '@presage/messages/output'
import type { Calibration } from '@presage/models/calibration/calibration'
import type { FeatureValue } from '@presage/models/card/card-schema'
import type { ArtifactFiles } from './artifact.js'

/** Features in the card's first units; `explain` asks for each one's share of the output. */
export interface PredictRow {
  values: Record<string, FeatureValue>
  explain: boolean
}

/** `baseline` + the sum of contributions = the value it explains. */
export interface Attribution {
  baseline: number
  contributions: Contribution[]
}

/** What a runtime computed for one row: `measures` are further figures by name. */
export interface Computed {
  value: number
  measures: Record<string, number>
  attribution?: Attribution
}

/** A row that cannot be computed, by its own fault; the others of the batch can. */
export class RowError extends Error {
  override readonly name = 'RowError'
}

/** One loaded variant. A row that fails gives a RowError in its place. */
export interface Runtime {
  readonly calibration: Calibration | undefined
  compute(rows: readonly PredictRow[]): (Computed | RowError)[]
  close(): void
}

/** Loads a variant from its verified files. */
export type OpenRuntime = (files: ArtifactFiles) => Promise<Runtime>
