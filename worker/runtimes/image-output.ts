import type { ImageOutput } from '@presage/messages/output'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import { cardMeasures } from './card-measures.js'
import type { Computed } from './runtime.js'

type ImageModel = Extract<ModelCard, { task: 'image' }>

/** A drawn picture as the card's output: what is said of its file, which goes another way. */
export function imageOutput(
  { name, output, measures }: ImageModel,
  variant: Variant,
  { picture, measures: figures }: Computed,
): ImageOutput {
  if (!picture) throw new Error(`${name} is a model of the task image and drew none`)
  const { bytes, width, height } = picture
  return {
    ...{ kind: 'image', mediaType: output.mediaType, width, height, bytes: bytes.length },
    measures: cardMeasures(measures, variant, figures),
  }
}
