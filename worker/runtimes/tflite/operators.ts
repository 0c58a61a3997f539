import * as tf from '@tensorflow/tfjs-core'
import type { Constant } from './constant.js'
import type { FlatTable } from './flat-table.js'

/** What cannot be rebuilt, in words that follow "the operator NAME". */
export class UnsupportedOperator extends Error {
  override readonly name = 'UnsupportedOperator'
}

/** One operator of the file: shapes are the file's own, from which the sizes at run time may differ. */
export interface Node {
  readonly inputShapes: readonly (readonly number[])[]
  readonly outputShape: readonly number[]
  readonly options: FlatTable | undefined
  readonly custom: Uint8Array
  /** @throws UnsupportedOperator when that input is not a constant. */
  constant(input: number): Constant
  /** A tensor that lives as long as the graph. */
  keep(make: () => tf.Tensor): tf.Tensor
}

/** An operator with one computed input, or two of one kind. */
type Unary = (input: tf.Tensor4D) => tf.Tensor4D
type Binary = (left: tf.Tensor4D, right: tf.Tensor4D) => tf.Tensor4D

/** One operator at run time, with as many computed inputs as it takes. */
export type Operation =
  | { readonly takes: 1; readonly apply: Unary }
  | { readonly takes: 2; readonly apply: Binary }

const ACTIVATIONS: Readonly<Record<number, 'linear' | 'relu' | 'relu6'>> = {
  0: 'linear',
  1: 'relu',
  3: 'relu6',
}

function activationOf(options: FlatTable | undefined, field: number) {
  const number = options?.int8(field) ?? 0
  const activation = ACTIVATIONS[number]
  if (!activation) throw new UnsupportedOperator(`has the unknown activation ${number}`)
  return activation
}

const activate = (tensor: tf.Tensor4D, activation: 'linear' | 'relu' | 'relu6'): tf.Tensor4D => {
  if (activation === 'linear') return tensor
  return activation === 'relu' ? tf.relu(tensor) : tf.relu6(tensor)
}

const paddingOf = (options: FlatTable | undefined): 'same' | 'valid' =>
  (options?.int8(0) ?? 0) === 0 ? 'same' : 'valid'

/** Height before width, as TensorFlow.js wants them; the file has width before height. */
const sides = (options: FlatTable | undefined, field: number, fallback: number) =>
  [
    options?.int32(field + 1, fallback) ?? fallback,
    options?.int32(field, fallback) ?? fallback,
  ] as [number, number]

const tensorOf = ({ values, shape }: Constant) => tf.tensor(values, [...shape])

const biasOf = (node: Node) => node.keep(() => tensorOf(node.constant(2)))

function four(shape: readonly number[]): [number, number, number, number] {
  const [a, b, c, d] = shape
  if (a === undefined || b === undefined || c === undefined || d === undefined || shape.length > 4)
    throw new UnsupportedOperator(`has the shape ${shape.join('×')}, four sides were expected`)
  return [a, b, c, d]
}

/** Filters are stored output × height × width × input. */
function conv2d(node: Node): Unary {
  const { options } = node
  const filter = node.keep(() =>
    tf.transpose(tensorOf(node.constant(1)), [1, 2, 3, 0]),
  ) as tf.Tensor4D
  const settings = {
    filter,
    bias: biasOf(node),
    pad: paddingOf(options),
    strides: sides(options, 1, 1),
    activation: activationOf(options, 3),
    dilations: sides(options, 4, 1),
  } as const
  return (x) => tf.fused.conv2d({ x, ...settings })
}

/** Filters are stored 1 × height × width × (input · multiplier). */
function depthwiseConv2d(node: Node): Unary {
  const { options } = node
  const [, height, width, outputs] = four(node.constant(1).shape)
  const channels = four(node.inputShapes[0] ?? [])[3]
  const filter = node.keep(() =>
    tf.reshape(tensorOf(node.constant(1)), [height, width, channels, outputs / channels]),
  ) as tf.Tensor4D
  const settings = {
    filter,
    bias: biasOf(node),
    pad: paddingOf(options),
    strides: sides(options, 1, 1),
    activation: activationOf(options, 4),
    dilations: sides(options, 5, 1),
  } as const
  return (x) => tf.fused.depthwiseConv2d({ x, ...settings })
}

/** A window as large as the whole map stays so at every size of input; as a mean it is 3 × slower. */
function averagePool(node: Node): Unary {
  const { options } = node
  const window = sides(options, 3, 1)
  const [, height, width] = four(node.inputShapes[0] ?? [])
  const activation = activationOf(options, 5)
  if (window[0] === height && window[1] === width)
    return (input) =>
      activate(tf.avgPool(input, [input.shape[1], input.shape[2]], 1, 'valid'), activation)
  const [strides, padding] = [sides(options, 1, 1), paddingOf(options)]
  return (input) => activate(tf.avgPool(input, window, strides, padding), activation)
}

/** Scales by the factor that the file's own shapes show. */
function resizeBilinear(node: Node): Unary {
  const [, height, width] = four(node.inputShapes[0] ?? [])
  const [newHeight, newWidth] = node.constant(1).values
  const [tall, wide] = [Number(newHeight) / height, Number(newWidth) / width]
  const [corners, centers] = [node.options?.int8(2) === 1, node.options?.int8(3) === 1]
  return (input) => {
    const [, rows, columns] = input.shape
    const size: [number, number] = [Math.round(rows * tall), Math.round(columns * wide)]
    return tf.image.resizeBilinear(input, size, corners, centers)
  }
}

/**
 * MediaPipe's transposed convolution with a bias; filters are stored output × height × width ×
 * input, the options are three little-endian integers: padding (1 is SAME), stride across and down.
 */
function convTranspose(node: Node): Unary {
  const view = new DataView(node.custom.buffer, node.custom.byteOffset, node.custom.byteLength)
  if (view.byteLength < 12) throw new UnsupportedOperator('has no options')
  if (view.getInt32(0, true) !== 1) throw new UnsupportedOperator('has a padding other than SAME')
  const [across, down] = [view.getInt32(4, true), view.getInt32(8, true)]
  const filter = node.keep(() =>
    tf.transpose(tensorOf(node.constant(1)), [1, 2, 0, 3]),
  ) as tf.Tensor4D
  const [bias, channels] = [biasOf(node), filter.shape[2]]
  return (input) => {
    const [batch, height, width] = input.shape
    const size: [number, number, number, number] = [batch, height * down, width * across, channels]
    return tf.add(tf.conv2dTranspose(input, filter, size, [down, across], 'same'), bias)
  }
}

/** x · min(max(x + 3, 0), 6) ∕ 6 */
function hardSwish(node: Node): Unary {
  const [three, sixth] = [node.keep(() => tf.scalar(3)), node.keep(() => tf.scalar(1 / 6))]
  return (input) => tf.mul(tf.mul(input, sixth), tf.relu6(tf.add(input, three)))
}

const unary =
  (build: (node: Node) => Unary) =>
  (node: Node): Operation => ({ takes: 1, apply: build(node) })

const binary =
  (join: Binary) =>
  ({ options }: Node): Operation => {
    const activation = activationOf(options, 0)
    return { takes: 2, apply: (left, right) => activate(join(left, right), activation) }
  }

/** How each operator that is known becomes operations of TensorFlow.js. */
export const OPERATORS: Readonly<Record<string, (node: Node) => Operation>> = {
  ADD: binary((left, right) => tf.add(left, right)),
  AVERAGE_POOL_2D: unary(averagePool),
  CONV_2D: unary(conv2d),
  DEPTHWISE_CONV_2D: unary(depthwiseConv2d),
  HARD_SWISH: unary(hardSwish),
  LOGISTIC: unary(() => (input) => tf.sigmoid(input)),
  MUL: binary((left, right) => tf.mul(left, right)),
  RELU: unary(() => (input) => tf.relu(input)),
  RESIZE_BILINEAR: unary(resizeBilinear),
  Convolution2DTransposeBias: unary(convTranspose),
}
