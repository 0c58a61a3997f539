import type { Output } from '@presage/messages/output'

/** The one number of an output that is compared: a value in its unit, or a probability. */
export interface Score {
  score: number
  unit: string
}

/** The score of an output. */
export const scoreOf = (output: Output): Score =>
  output.kind === 'regression'
    ? { score: output.value, unit: output.unit }
    : { score: output.probability, unit: 'probability' }
