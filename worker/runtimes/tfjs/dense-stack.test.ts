import { seededRandom } from '@presage/models/random/random'
import { initializers, type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers'
import { beforeAll, describe, expect, it } from 'vitest'
import { answerTogether } from './answer.js'
import { startBackend } from './backend.js'
import { forward, readDenseStack } from './dense-stack.js'
import { integratedGradients } from './integrated-gradients.js'
import { layersNet } from './net.js'

describe('a network of tfjs layers', () => {
  const width = 6
  let network: LayersModel
  beforeAll(async () => {
    await startBackend()
    const kernel = (seed: number) => initializers.heNormal({ seed })
    network = sequential({
      layers: [
        layers.dense({
          units: 16,
          inputShape: [width],
          activation: 'swish',
          kernelInitializer: kernel(1),
        }),
        layers.dense({ units: 8, activation: 'tanh', kernelInitializer: kernel(2) }),
        layers.dense({ units: 4, activation: 'sigmoid', kernelInitializer: kernel(3) }),
        layers.dense({ units: 4, activation: 'relu', kernelInitializer: kernel(4) }),
        layers.dense({ units: 1, kernelInitializer: kernel(5) }),
      ],
    })
  })
  const random = seededRandom(7)
  const rows = Array.from({ length: 300 }, () =>
    Float32Array.from({ length: width }, () => 4 * random() - 2),
  )

  it('equals its plain arrays within 1e-5, whatever the activations', () => {
    const stack = readDenseStack(network)
    if (!stack) throw new Error('a stack of dense layers was expected')
    const together = answerTogether(layersNet(network), rows)
    rows.forEach((row, index) => {
      expect(Math.abs(forward(stack, row) - Number(together[index]))).toBeLessThan(1e-5)
    })
  })

  it('has no plain arrays when a layer is of another kind', () => {
    const other = sequential({
      layers: [
        layers.dense({ units: 2, inputShape: [width] }),
        layers.layerNormalization(),
        layers.dense({ units: 1 }),
      ],
    })
    expect(readDenseStack(other)).toBeUndefined()
    other.dispose()
  })

  it('has shares that nearly add up before anything is spread', () => {
    const smooth = sequential({
      layers: [
        layers.dense({
          units: 16,
          inputShape: [width],
          activation: 'swish',
          kernelInitializer: initializers.heNormal({ seed: 8 }),
        }),
        layers.dense({ units: 1, kernelInitializer: initializers.heNormal({ seed: 9 }) }),
      ],
    })
    const net = layersNet(smooth)
    const zeros = rows.map((row) => row.map(() => 0))
    const shares = integratedGradients(net, rows, zeros)
    const [ends, starts] = [answerTogether(net, rows), answerTogether(net, zeros)]
    shares.forEach((share, index) => {
      const total = share.reduce((sum, each) => sum + each, 0)
      expect(Math.abs(total - Number(ends[index]) + Number(starts[index]))).toBeLessThan(1e-5)
    })
    smooth.dispose()
  })
})
