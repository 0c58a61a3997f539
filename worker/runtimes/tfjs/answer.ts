import type { Encoding } from '@presage/models/encoding/encoding'
import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { type DenseStack, forward, weightCount } from './dense-stack.js'

/**
 * Up to this many multiplications plain arrays are faster than a call into WebAssembly: they take
 * 2 ns each and a call 0.1 ms. That is 3 rows of bio-age's 14,700 weights.
 */
const PLAIN_WORK = 50_000

/** A loaded network: `stack` is the same layers as plain arrays, when they are dense. */
export interface LoadedNetwork {
  model: LayersModel
  stack: DenseStack | undefined
  encoding: Encoding
  output: { mean: number; scale: number }
}

/** The network's raw answers to encoded rows, all in one call. */
export function answerTogether(model: LayersModel, rows: readonly Float32Array[]): number[] {
  const width = rows[0]?.length ?? 0
  const together = new Float32Array(rows.length * width)
  rows.forEach((row, index) => {
    together.set(row, index * width)
  })
  return tf.tidy(() => {
    const answer = model.predictOnBatch(tf.tensor2d(together, [rows.length, width]))
    if (!(answer instanceof tf.Tensor)) throw new Error('the network has one output')
    return Array.from(answer.dataSync())
  })
}

/** The network's answers to encoded rows, in the unit of the card. */
export function answer(network: LoadedNetwork, rows: readonly Float32Array[]): number[] {
  const { model, stack, output } = network
  if (rows.length === 0) return []
  const raw =
    stack && rows.length * weightCount(stack) <= PLAIN_WORK
      ? rows.map((row) => forward(stack, row))
      : answerTogether(model, rows)
  return raw.map((value) => output.mean + output.scale * value)
}
