import type { Encoding } from '@presage/models/encoding/encoding'
import * as tf from '@tensorflow/tfjs-core'
import { type DenseStack, forward, weightCount } from './dense-stack.js'
import type { Net } from './net.js'

/**
 * Up to this many multiplications plain arrays are faster than a call into WebAssembly: they take
 * 2 ns each and a call 0.1 ms. That is 3 rows of bio-age's 14,700 weights.
 */
const PLAIN_WORK = 50_000

/** A loaded network: `stack` is the same layers as plain arrays, when they are dense. */
export interface LoadedNetwork {
  net: Net
  stack: DenseStack | undefined
  encoding: Encoding
  output: { mean: number; scale: number }
}

/** The network's raw answers to encoded rows, all in one call. */
export function answerTogether(net: Net, rows: readonly Float32Array[]): number[] {
  const width = rows[0]?.length ?? 0
  const together = new Float32Array(rows.length * width)
  rows.forEach((row, index) => {
    together.set(row, index * width)
  })
  return tf.tidy(() =>
    Array.from(net.predict(tf.tensor2d(together, [rows.length, width])).dataSync()),
  )
}

/** The network's answers to encoded rows, in the unit of the card. */
export function answer(network: LoadedNetwork, rows: readonly Float32Array[]): number[] {
  const { net, stack, output } = network
  if (rows.length === 0) return []
  const raw =
    stack && rows.length * weightCount(stack) <= PLAIN_WORK
      ? rows.map((row) => forward(stack, row))
      : answerTogether(net, rows)
  return raw.map((value) => output.mean + output.scale * value)
}
