import { ArtifactError } from '../artifact.js'
import { FlatTable } from './flat-table.js'
import { operatorName } from './operator-names.js'

/** Types of a tensor's elements, by their number in the schema. */
const TYPES = ['FLOAT32', 'FLOAT16', 'INT32', 'UINT8', 'INT64', 'STRING', 'BOOL', 'INT16'] as const

/** Bytes of one element of the types that constants may have. */
const WIDTHS: Readonly<Record<string, number>> = { FLOAT32: 4, FLOAT16: 2, INT32: 4 }

/** No network of a phone comes near these; a file that claims more is broken or hostile. */
const MOST_TENSORS = 10_000
const MOST_DIMENSIONS = 6
const MOST_INPUTS = 16

/** A value of the graph: `data` holds the bytes of a constant, in the type's own layout. */
export interface TfliteTensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly type: string
  readonly data: Uint8Array | undefined
}

/** One step of the graph: inputs and outputs are places in the list of tensors, −1 is none. */
export interface TfliteOperator {
  readonly name: string
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
  readonly options: FlatTable | undefined
  readonly custom: Uint8Array
}

/** A network as its file states it, with operators in the order of execution. */
export interface TfliteModel {
  readonly tensors: readonly TfliteTensor[]
  readonly operators: readonly TfliteOperator[]
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

function readTensor(table: FlatTable, buffers: readonly FlatTable[]): TfliteTensor {
  const shape = table.int32s(0, MOST_DIMENSIONS)
  const number = table.int8(1)
  const type = TYPES[number] ?? `type ${number}`
  const name = table.text(3)
  const data = buffers[table.uint32(2)]?.bytes(0)
  if (!data || data.length === 0) return { name, shape, type, data: undefined }
  const expected = shape.reduce((size, side) => size * side, WIDTHS[type] ?? Number.NaN)
  if (data.length !== expected)
    throw new RangeError(
      `the constant ${name} of ${type} and shape ${shape.join('×')} has ${data.length} bytes`,
    )
  return { name, shape, type, data }
}

/** A file written before there were 128 operators has only the first of the two numbers. */
const codeName = (code: FlatTable) =>
  operatorName(Math.max(code.int8(0), code.int32(3)), code.text(1))

function readOperator(table: FlatTable, names: readonly string[]): TfliteOperator {
  return {
    name: names[table.uint32(0)] ?? 'of no kind',
    inputs: table.int32s(1, MOST_INPUTS),
    outputs: table.int32s(2, MOST_INPUTS),
    options: table.table(4),
    custom: table.bytes(5),
  }
}

function readModel(bytes: Uint8Array): TfliteModel {
  const root = FlatTable.root(bytes)
  const [graph, ...others] = root.tables(2)
  if (!graph || others.length > 0)
    throw new RangeError('it has to hold exactly one graph, without control flow')
  const buffers = root.tables(4)
  const tables = graph.tables(0)
  if (tables.length > MOST_TENSORS) throw new RangeError(`it claims ${tables.length} tensors`)
  const tensors = tables.map((table) => readTensor(table, buffers))
  const constants = tensors.reduce((sum, { data }) => sum + (data?.length ?? 0), 0)
  if (constants > bytes.length) throw new RangeError('its constants overlap')
  const names = root.tables(1).map(codeName)
  const operators = graph.tables(3).map((table) => readOperator(table, names))
  return { tensors, operators, inputs: graph.int32s(1, 16), outputs: graph.int32s(2, 16) }
}

/**
 * Reads a TensorFlow Lite file (FlatBuffers, identifier TFL3). Constants stay views into `bytes`.
 * Source: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/lite/schema/schema.fbs
 * @throws ArtifactError when it is not such a file, or is cut short or contradicts itself.
 */
export function readTflite(bytes: Uint8Array, file: string): TfliteModel {
  if (new TextDecoder().decode(bytes.subarray(4, 8)) !== 'TFL3')
    throw new ArtifactError(file, 'it is not a TensorFlow Lite file: its identifier is not TFL3')
  try {
    return readModel(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ArtifactError(file, `its structure is broken: ${error.message}`)
  }
}
