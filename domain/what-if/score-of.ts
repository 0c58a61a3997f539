import type { ImageOutput, Output } from '@presage/messages/output'

/** The one number of an output that is compared: a value in its unit, or a probability. */
export interface Score {
  score: number
  unit: string
}

/** An output that comes down to one number; a picture does not. */
export type ScoredOutput = Exclude<Output, ImageOutput>

/** Whether an output comes down to one number. */
export const isScored = (output: Output): output is ScoredOutput => output.kind !== 'image'

/** The score of an output. */
export const scoreOf = (output: ScoredOutput): Score =>
  output.kind === 'regression'
    ? { score: output.value, unit: output.unit }
    : { score: output.probability, unit: 'probability' }
