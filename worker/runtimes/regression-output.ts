import type { RegressionOutput } from '@presage/messages/output'
import { intervalOf, peerMeasures } from '@presage/models/calibration/calibration'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import { cardMeasures } from './card-measures.js'
import type { Computed, Runtime, Values } from './runtime.js'

type RegressionModel = Extract<ModelCard, { task: 'regression' }>

/** A computed row as the card's output: its interval, and the measures that could be computed. */
export function regressionOutput(
  card: RegressionModel,
  variant: Variant,
  { calibration }: Pick<Runtime, 'calibration'>,
  values: Values,
  { value, measures }: Computed,
): RegressionOutput {
  const interval = calibration && intervalOf(calibration, values, value)
  const peers = calibration ? peerMeasures(calibration, values, value) : {}
  const bounds = interval ?? { low: null, high: null, level: null }
  const figures = cardMeasures(card.measures, variant, { ...measures, ...peers })
  return { kind: 'regression', value, unit: card.output.unit, ...bounds, measures: figures }
}
