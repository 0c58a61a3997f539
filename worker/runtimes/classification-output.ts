import type { ClassificationOutput } from '@presage/messages/output'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import { cardMeasures } from './card-measures.js'
import { inWords, sigmoid } from './probability.js'
import type { Computed } from './runtime.js'

type ClassificationModel = Extract<ModelCard, { task: 'classification' }>

/** A computed row as the card's classes: its probability, label, band and what they mean. */
export function classificationOutput(
  { output, measures }: ClassificationModel,
  variant: Variant,
  computed: Computed,
): ClassificationOutput {
  const { labels, threshold, bands } = output
  const probability = sigmoid(computed.value)
  const band = bands.find(({ below = Number.POSITIVE_INFINITY }) => probability < below)
  return {
    kind: 'classification',
    label: probability >= threshold ? labels.positive : labels.negative,
    probability,
    threshold,
    band: band?.name ?? '',
    meaning: inWords(output.meaning, probability),
    measures: cardMeasures(measures, variant, computed.measures, { complement: 1 - probability }),
  }
}
