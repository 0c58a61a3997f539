import type { TfliteTensor } from './read-tflite.js'

/** A constant of the graph, as numbers that TensorFlow.js takes. */
export interface Constant {
  readonly values: Float32Array | Int32Array
  readonly shape: readonly number[]
}

/** IEEE 754 half precision as a number: 1 bit sign, 5 exponent, 10 mantissa. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const mantissa = bits & 0x3ff
  if (exponent === 0) return sign * mantissa * 2 ** -24
  if (exponent === 0x1f) return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (1 + mantissa / 1024) * 2 ** (exponent - 15)
}

function numbers({ data = new Uint8Array(), type }: TfliteTensor): Float32Array | Int32Array {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  if (type === 'FLOAT16')
    return Float32Array.from({ length: data.length / 2 }, (_, index) =>
      halfToNumber(view.getUint16(2 * index, true)),
    )
  const length = data.length / 4
  return type === 'INT32'
    ? Int32Array.from({ length }, (_, index) => view.getInt32(4 * index, true))
    : Float32Array.from({ length }, (_, index) => view.getFloat32(4 * index, true))
}

/** A tensor's constant, widened to single precision; undefined when it is computed. */
export function constantOf(tensor: TfliteTensor): Constant | undefined {
  return tensor.data && { values: numbers(tensor), shape: tensor.shape }
}
