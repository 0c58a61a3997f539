import * as tf from '@tensorflow/tfjs-core'
import { ArtifactError } from '../artifact.js'
import { type Constant, constantOf } from './constant.js'
import { type Node, OPERATORS, type Operation, UnsupportedOperator } from './operators.js'
import { readTflite, type TfliteModel, type TfliteOperator } from './read-tflite.js'

/** One operation: where its inputs are, where its output goes, and which inputs nobody else reads. */
interface Step {
  readonly operation: Operation
  readonly inputs: readonly number[]
  readonly output: number
  readonly spent: readonly number[]
}

/** A network of one input and one output, batch × height × width × channels. */
export interface Graph {
  readonly inputShape: readonly number[]
  readonly outputShape: readonly number[]
  /**
   * The network's output. A network of convolutions takes any height and width that its strides
   * divide, not only those of `inputShape`. The caller disposes of both tensors.
   */
  run(input: tf.Tensor4D): tf.Tensor4D
  dispose(): void
}

/** A graph under construction: constants by tensor, what is computed, what has to be disposed of. */
class Assembly {
  readonly kept: tf.Tensor[] = []
  readonly constants: (Constant | undefined)[]
  readonly computed = new Set<number>()

  constructor(
    private readonly model: TfliteModel,
    private readonly file: string,
  ) {
    this.constants = model.tensors.map(constantOf)
  }

  /** @throws ArtifactError that names the operator. */
  fail(operator: TfliteOperator, problem: string): never {
    throw new ArtifactError(this.file, `the operator ${operator.name} ${problem}`)
  }

  keep(make: () => tf.Tensor): tf.Tensor {
    const tensor = tf.tidy(() => tf.keep(make()))
    this.kept.push(tensor)
    return tensor
  }

  private shape(tensor: number | undefined): readonly number[] {
    return this.model.tensors[tensor ?? -1]?.shape ?? []
  }

  node(operator: TfliteOperator): Node {
    const { inputs, outputs, options, custom } = operator
    return {
      inputShapes: inputs.map((input) => this.shape(input)),
      outputShape: this.shape(outputs[0]),
      options,
      custom,
      constant: (place) => {
        const constant = this.constants[inputs[place] ?? -1]
        if (constant) return constant
        throw new UnsupportedOperator(`computes its input ${place}, a constant was expected`)
      },
      keep: (make) => this.keep(make),
    }
  }
}

/** A constant in half precision is used in single precision: the file says so, operator by operator. */
function widen(assembly: Assembly, operator: TfliteOperator, output: number) {
  const constant = assembly.constants[operator.inputs[0] ?? -1]
  if (!constant) assembly.fail(operator, 'is applied to a computed tensor')
  assembly.constants[output] = constant
}

function operationOf(assembly: Assembly, operator: TfliteOperator): Operation {
  const build = Object.hasOwn(OPERATORS, operator.name) ? OPERATORS[operator.name] : undefined
  if (!build) assembly.fail(operator, 'is not known to this worker')
  try {
    return build(assembly.node(operator))
  } catch (error) {
    assembly.fail(operator, error instanceof Error ? error.message : String(error))
  }
}

function assemble(assembly: Assembly, operator: TfliteOperator): Omit<Step, 'spent'>[] {
  const { computed, constants } = assembly
  const [output, ...others] = operator.outputs
  if (output === undefined || others.length > 0 || computed.has(output))
    assembly.fail(operator, 'has not exactly one output of its own')
  if (operator.name === 'DEQUANTIZE') {
    widen(assembly, operator, output)
    return []
  }
  const early = operator.inputs.find((input) => !computed.has(input) && !constants[input])
  if (early !== undefined) assembly.fail(operator, `reads tensor ${early} before it is computed`)
  const operation = operationOf(assembly, operator)
  const inputs = operator.inputs.filter((input) => computed.has(input))
  if (inputs.length !== operation.takes)
    assembly.fail(operator, `takes ${operation.takes} computed tensors, not ${inputs.length}`)
  computed.add(output)
  return [{ operation, inputs, output }]
}

/** Marks what may be freed after each step: without it a pass would hold 80 MB at 384 × 384. */
function markSpent(steps: readonly Omit<Step, 'spent'>[]): Step[] {
  const last = new Map(steps.flatMap(({ inputs }, index) => inputs.map((input) => [input, index])))
  return steps.map((step, index) => ({
    ...step,
    spent: [...new Set(step.inputs)].filter((input) => last.get(input) === index),
  }))
}

function perform({ operation, inputs, output }: Step, values: Map<number, tf.Tensor4D>) {
  const [left, right] = inputs.map((input) => values.get(input))
  if (!left) throw new Error('a step comes after what it reads')
  const result = tf.tidy(() => {
    if (operation.takes === 1) return operation.apply(left)
    if (!right) throw new Error('a step comes after what it reads')
    return operation.apply(left, right)
  })
  values.set(output, result)
}

function execute(steps: readonly Step[], from: number, to: number, input: tf.Tensor4D) {
  return tf.tidy(() => {
    const values = new Map([[from, input]])
    for (const step of steps) {
      perform(step, values)
      for (const spent of step.spent) if (spent !== from) values.get(spent)?.dispose()
    }
    const output = values.get(to)
    if (!output) throw new Error('the last step computes the output')
    return output
  })
}

/** The one input or output of a graph, which is a map of numbers: batch × height × width × channels. */
function only(model: TfliteModel, places: readonly number[], file: string, what: string) {
  const [place, ...others] = places
  const tensor = model.tensors[place ?? -1]
  if (place === undefined || !tensor || others.length > 0)
    throw new ArtifactError(file, `it has ${places.length} ${what}s, exactly one was expected`)
  if (tensor.shape.length !== 4 || tensor.type !== 'FLOAT32')
    throw new ArtifactError(
      file,
      `its ${what} is ${tensor.type} of shape ${tensor.shape.join('×')}`,
    )
  return { place, shape: tensor.shape }
}

/**
 * Rebuilds a TensorFlow Lite network as operations of TensorFlow.js on the backend in use; weights
 * become tensors once.
 * @throws ArtifactError when the file is malformed or has an operator that is not known, by name.
 */
export function buildGraph(bytes: Uint8Array, file: string): Graph {
  const model = readTflite(bytes, file)
  const input = only(model, model.inputs, file, 'input')
  const output = only(model, model.outputs, file, 'output')
  const assembly = new Assembly(model, file)
  const dispose = () => tf.dispose(assembly.kept)
  assembly.computed.add(input.place)
  try {
    const steps = markSpent(model.operators.flatMap((operator) => assemble(assembly, operator)))
    if (!steps.some((step) => step.output === output.place))
      throw new ArtifactError(file, 'no operator computes its output')
    return {
      inputShape: input.shape,
      outputShape: output.shape,
      run: (tensor) => execute(steps, input.place, output.place, tensor),
      dispose,
    }
  } catch (error) {
    dispose()
    throw error
  }
}
