import type { RegressionOutput } from '@presage/messages/output'
import { intervalOf, peerMeasures } from '@presage/models/calibration/calibration'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { Computed, PredictRow, Runtime } from './runtime.js'

/** A computed row as the card's output: its interval, and the measures that could be computed. */
export function regressionOutput(
  card: ModelCard,
  variant: Variant,
  runtime: Runtime,
  row: PredictRow,
  computed: Computed,
): RegressionOutput {
  const { value } = computed
  const { calibration } = runtime
  const interval = calibration && intervalOf(calibration, row.values, value)
  const peers = calibration ? peerMeasures(calibration, row.values, value) : {}
  const figures: Record<string, number | undefined> = { ...computed.measures, ...peers }
  const measures = card.measures.flatMap(({ name, title, unit }) => {
    const figure = variant.measures.includes(name) ? figures[name] : undefined
    return figure === undefined ? [] : [{ name, title, value: figure, unit }]
  })
  const bounds = interval ?? { low: null, high: null, level: null }
  return { kind: 'regression', value, unit: card.output.unit, ...bounds, measures }
}
