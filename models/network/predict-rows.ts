import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { FeatureValue } from '../card/feature-schema.js'
import { type Encoding, encodedWidth, encodeRow } from '../encoding/encoding.js'
import type { NetworkArtifact } from './network-artifact.js'

type Values = Readonly<Record<string, FeatureValue>>

/** A network's answers in the unit of its card, one for each row, in one call. */
export function predictRows(
  model: LayersModel,
  encoding: Encoding,
  { mean, scale }: NetworkArtifact['output'],
  rows: readonly Values[],
): number[] {
  const width = encodedWidth(encoding)
  const encoded = new Float32Array(rows.length * width)
  rows.forEach((values, index) => {
    encodeRow(encoding, values, encoded, index * width)
  })
  return tf.tidy(() => {
    const answer = model.predictOnBatch(tf.tensor2d(encoded, [rows.length, width]))
    if (!(answer instanceof tf.Tensor)) throw new Error('the network has one output')
    return Array.from(answer.dataSync(), (value) => mean + scale * value)
  })
}
