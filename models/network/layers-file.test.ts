import * as tf from '@tensorflow/tfjs-core'
import { initializers, layers, sequential } from '@tensorflow/tfjs-layers'
import { expect, it } from 'vitest'
import { layersFile, openLayers } from './layers-file.js'
import { weightPaths } from './network-artifact.js'
import { startWasm } from './start-wasm.js'

const fatalListeners = () =>
  process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection')

it('starts on wasm and leaves fatal errors to the process', async () => {
  const before = fatalListeners()
  await startWasm()
  expect(tf.getBackend()).toBe('wasm')
  expect(fatalListeners()).toBe(before)
})

it('opens the network that was written, with the same answers', async () => {
  const kernelInitializer = initializers.glorotNormal({ seed: 1 })
  const model = sequential({
    layers: [
      layers.dense({ units: 4, inputShape: [3], activation: 'swish', kernelInitializer }),
      layers.dense({ units: 1, kernelInitializer }),
    ],
  })
  const { file, weights } = await layersFile(model, 'weights.bin')
  expect(weightPaths(file)).toEqual(['weights.bin'])
  expect(weights.byteLength).toBe(4 * (3 * 4 + 4 + 4 + 1))
  const stored = JSON.parse(JSON.stringify(file))
  const opened = await openLayers(stored, new Uint8Array(weights).buffer)
  const ask = (network: typeof model | typeof opened) => {
    const answer = network.predictOnBatch(tf.tensor2d([[0.5, -1, 2]]))
    return answer instanceof tf.Tensor ? [...answer.dataSync()] : []
  }
  expect(ask(opened)).toEqual(ask(model))
  expect(ask(opened)).toHaveLength(1)
})
