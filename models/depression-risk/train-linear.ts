import * as tf from '@tensorflow/tfjs-core'
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { type Encoding, encodedWidth, encodeRow } from '../encoding/encoding.js'
import type { Values } from '../evaluation/evaluation.js'

/** A row to learn from, derived columns beside what was answered. */
export interface WeightedRow {
  values: Values
  truth: boolean
  weight: number
}

/** Steps of Adam over all rows at once; the last changes the loss by less than 1e-7. */
const STEPS = 600
const RATE = 0.05

/** Twenty-five weights and 4,000 people need little: it keeps those of rare answers small. */
const RIDGE = 0.001

/** Adam whose step can be changed while it runs. */
class PacedAdam extends tf.AdamOptimizer {
  pace(rate: number) {
    this.learningRate = rate
  }
}

/** Rows side by side, as the network sees them. */
function encodeRows(encoding: Encoding, rows: readonly Values[]): tf.Tensor2D {
  const width = encodedWidth(encoding)
  const encoded = new Float32Array(rows.length * width)
  rows.forEach((values, index) => {
    encodeRow(encoding, values, encoded, index * width)
  })
  return tf.tensor2d(encoded, [rows.length, width])
}

/** The mean log-loss of log-odds, weighted: softplus(z) − y·z cannot overflow. */
function logLoss(logOdds: tf.Tensor, truth: tf.Tensor, weight: tf.Tensor): tf.Scalar {
  const each = tf.sub(tf.softplus(logOdds), tf.mul(truth, logOdds))
  return tf.div(tf.sum(tf.mul(each, weight)), tf.sum(weight))
}

/** Trains a logistic line; the same rows and seed give the same one. */
export function trainLinear(
  rows: readonly WeightedRow[],
  encoding: Encoding,
  seed: number,
): LayersModel {
  const kernelInitializer = initializers.randomNormal({ mean: 0, stddev: 0.01, seed })
  const line = layers.dense({
    name: 'line',
    units: 1,
    inputShape: [encodedWidth(encoding)],
    kernelInitializer,
  })
  const model = sequential({ layers: [line] })
  const x = encodeRows(
    encoding,
    rows.map(({ values }) => values),
  )
  const column = (of: (row: WeightedRow) => number) => tf.tensor2d(rows.map((row) => [of(row)]))
  const [truth, weight] = [column((row) => Number(row.truth)), column((row) => row.weight)]
  const adam = new PacedAdam(RATE, 0.9, 0.999, 1e-7)
  for (let step = 0; step < STEPS; step++) {
    adam.pace((RATE * (1 + Math.cos((Math.PI * step) / STEPS))) / 2)
    adam.minimize(() => {
      const logOdds = model.apply(x)
      const [kernel] = line.getWeights()
      if (!(logOdds instanceof tf.Tensor) || !kernel) throw new Error('a line has a kernel')
      const ridge = tf.mul(RIDGE, tf.sum(tf.square(line.trainableWeights[0]?.read() ?? kernel)))
      return tf.add(logLoss(logOdds, truth, weight), ridge)
    })
  }
  tf.dispose([x, truth, weight])
  adam.dispose()
  return model
}
