import type { LayersModel } from '@tensorflow/tfjs-layers'
import { z } from 'zod'

const ACTIVATIONS = {
  linear: (x: number) => x,
  relu: (x: number) => Math.max(0, x),
  sigmoid: (x: number) => 1 / (1 + Math.exp(-x)),
  swish: (x: number) => x / (1 + Math.exp(-x)),
  tanh: Math.tanh,
}

const denseConfigSchema = z.looseObject({
  units: z.int().positive(),
  useBias: z.literal(true),
  activation: z.enum(['linear', 'relu', 'sigmoid', 'swish', 'tanh']),
})

interface DenseLayer {
  /** inputs × units, row by row. */
  kernel: Float32Array
  bias: Float32Array
  activate: (x: number) => number
}

/** Dense layers, one after another, as plain arrays. */
export type DenseStack = readonly DenseLayer[]

/** The multiplications of one row. */
export const weightCount = (stack: DenseStack) =>
  stack.reduce((sum, { kernel }) => sum + kernel.length, 0)

/** A network's layers as plain arrays, or undefined when it is not a stack of dense layers. */
export function readDenseStack(model: LayersModel): DenseStack | undefined {
  const stack: DenseLayer[] = []
  for (const layer of model.layers) {
    if (layer.getClassName() === 'InputLayer') continue
    const config = denseConfigSchema.safeParse(layer.getConfig())
    const [kernel, bias] = layer.getWeights()
    if (layer.getClassName() !== 'Dense' || !config.success || !kernel || !bias) return undefined
    stack.push({
      kernel: Float32Array.from(kernel.dataSync()),
      bias: Float32Array.from(bias.dataSync()),
      activate: ACTIVATIONS[config.data.activation],
    })
  }
  return stack
}

function applyLayer({ kernel, bias, activate }: DenseLayer, input: Float64Array): Float64Array {
  const output = Float64Array.from(bias)
  const units = bias.length
  for (let i = 0; i < input.length; i++) {
    const x = Number(input[i])
    if (x === 0) continue
    const row = i * units
    for (let j = 0; j < units; j++) output[j] = Number(output[j]) + x * Number(kernel[row + j])
  }
  return output.map(activate)
}

/** The stack's single answer for one encoded row; equals TensorFlow.js's within float32. */
export function forward(stack: DenseStack, row: ArrayLike<number>): number {
  const answer = stack.reduce<Float64Array>(
    (input, layer) => applyLayer(layer, input),
    Float64Array.from(row),
  )
  return Number(answer[0])
}
