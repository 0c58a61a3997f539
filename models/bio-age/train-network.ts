import * as tf from '@tensorflow/tfjs-core'
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { type Encoding, encodedWidth, encodeRow } from '../encoding/encoding.js'
import { type Random, seededRandom, shuffle } from '../random/random.js'
import type { Person } from './dataset.js'
import { drawKept, masked } from './masking.js'

/** How a network is trained; `seed` fixes its first weights, the order of rows and the masks. */
export interface Training {
  seed: number
  epochs: number
  batch: number
  /** The first step size of Adam; it falls along a cosine to a hundredth. */
  rate: number
  hidden: readonly number[]
}

/** The network answers (age − mean) / scale. */
export const AGE_SCALE = { mean: 47, scale: 17 }

/** Where the loss turns from squared to absolute: 0.2 of 17 years is about 3 years. */
const HUBER = 0.2

/** Adam whose step can be changed while it runs. */
class PacedAdam extends tf.AdamOptimizer {
  pace(rate: number) {
    this.learningRate = rate
  }
}

/** Swish is smooth, so the gradients integrate to the answer with few points. */
function buildNetwork(width: number, { hidden, seed }: Training): LayersModel {
  const units = [...hidden, 1]
  return sequential({
    layers: units.map((count, index) =>
      layers.dense({
        name: `dense${index + 1}`,
        units: count,
        ...(index === 0 ? { inputShape: [width] } : {}),
        ...(index < hidden.length ? { activation: 'swish' as const } : {}),
        kernelInitializer: initializers.heNormal({ seed: seed * 100 + index }),
      }),
    ),
  })
}

function pseudoHuber(guess: tf.Tensor, truth: tf.Tensor): tf.Scalar {
  const error = tf.div(tf.sub(guess, truth), HUBER)
  return tf.mean(tf.sub(tf.sqrt(tf.add(tf.square(error), 1)), 1))
}

/** Every person's row, with optional features masked afresh. */
function encodeEpoch(people: readonly Person[], encoding: Encoding, random: Random) {
  const width = encodedWidth(encoding)
  const rows = new Float32Array(people.length * width)
  people.forEach(({ values }, index) => {
    encodeRow(encoding, masked(values, drawKept(random)), rows, index * width)
  })
  return rows
}

/** The picked rows and ages, side by side. */
function gather(rows: Float32Array, ages: Float32Array, picked: Uint32Array, width: number) {
  const x = new Float32Array(picked.length * width)
  const y = new Float32Array(picked.length)
  picked.forEach((row, index) => {
    x.set(rows.subarray(row * width, (row + 1) * width), index * width)
    y[index] = Number(ages[row])
  })
  return { x, y }
}

function minimize(adam: tf.Optimizer, model: LayersModel, x: Float32Array, y: Float32Array) {
  return tf.tidy(() => {
    const cost = adam.minimize(() => {
      const guess = model.apply(tf.tensor2d(x, [y.length, x.length / y.length]))
      if (!(guess instanceof tf.Tensor)) throw new Error('the network has one output')
      return pseudoHuber(guess, tf.tensor2d(y, [y.length, 1]))
    }, true)
    return Number(cost?.dataSync()[0])
  })
}

/** Trains a network to guess ages; the same seed and people give the same network. */
export function trainNetwork(
  people: readonly Person[],
  encoding: Encoding,
  training: Training,
  log: (line: string) => void,
): LayersModel {
  const { epochs, batch, rate, seed } = training
  const random = seededRandom(seed)
  const width = encodedWidth(encoding)
  const model = buildNetwork(width, training)
  const adam = new PacedAdam(rate, 0.9, 0.999, 1e-7)
  const ages = Float32Array.from(people, ({ age }) => (age - AGE_SCALE.mean) / AGE_SCALE.scale)
  const order = Uint32Array.from(people, (_, index) => index)
  const steps = Math.floor(people.length / batch)
  for (let epoch = 0; epoch < epochs; epoch++) {
    const rows = encodeEpoch(people, encoding, random)
    shuffle(order, random)
    let loss = 0
    for (let step = 0; step < steps; step++) {
      const progress = (epoch + step / steps) / epochs
      adam.pace(rate * Math.max(0.01, (1 + Math.cos(Math.PI * progress)) / 2))
      const picked = order.subarray(step * batch, (step + 1) * batch)
      const { x, y } = gather(rows, ages, picked, width)
      loss += minimize(adam, model, x, y)
    }
    if (epoch % 10 === 9)
      log(`  epoch ${epoch + 1} of ${epochs}: loss ${(loss / steps).toFixed(4)}`)
  }
  adam.dispose()
  return model
}
