import { cardSchema } from '@presage/models/card/card-schema'
import { sampleCard } from '@presage/models/card/sample-card'
import { seededRandom } from '@presage/models/random/random'
import { memory } from '@tensorflow/tfjs-core'
import { expect, it, onTestFinished } from 'vitest'
import { ArtifactError } from '../artifact.js'
import type { Runtime } from '../runtime.js'
import { openTfjs } from './open-tfjs.js'

const float = { type: 'DT_FLOAT' }
const sized = (...sizes: number[]) => ({ dim: sizes.map((size) => ({ size: String(size) })) })

const placeholder = {
  name: 'x',
  op: 'Placeholder',
  attr: { dtype: float, shape: { shape: sized(-1, 2) } },
}

const constant = (name: string, shape: number[], dtype = 'DT_FLOAT') => ({
  name,
  op: 'Const',
  attr: { dtype: { type: dtype }, value: { tensor: { dtype, tensorShape: sized(...shape) } } },
})

const node = (op: string, name: string, input: string[], attr: object = {}) => ({
  ...{ op, name, input },
  attr: { T: float, ...attr },
})

const KERNEL = [1, -2, 0.5, 0.25, 1.5, -1]
const BIAS = [0.1, 0.2, -0.3]
const LAST = [2, -1, 3]

/** tanh(x · KERNEL + BIAS) · LAST, as the converter writes it: fused, its weights in two files. */
const network = {
  nodes: [
    placeholder,
    constant('kernel', [2, 3]),
    constant('bias', [3]),
    constant('last', [3, 1]),
    node('_FusedMatMul', 'inner', ['x', 'kernel', 'bias'], {
      transpose_a: { b: false },
      transpose_b: { b: false },
      num_args: { i: '1' },
      fused_ops: { list: { s: [Buffer.from('BiasAdd').toString('base64')] } },
    }),
    node('Tanh', 'bent', ['inner']),
    node('MatMul', 'y', ['bent', 'last'], { transpose_a: { b: false }, transpose_b: { b: false } }),
  ],
  weights: [
    { name: 'kernel', shape: [2, 3], dtype: 'float32' },
    { name: 'bias', shape: [3], dtype: 'float32' },
    { name: 'last', shape: [3, 1], dtype: 'float32' },
  ],
  bytes: new Uint8Array(Float32Array.from([...KERNEL, ...BIAS, ...LAST]).buffer),
}

/** The product of both inputs, by an operation that has no gradient. */
const product = {
  nodes: [
    placeholder,
    constant('axis', [], 'DT_INT32'),
    node('Cumprod', 'products', ['x', 'axis'], { exclusive: { b: false }, reverse: { b: false } }),
    constant('second', [2, 1]),
    node('MatMul', 'y', ['products', 'second'], {
      transpose_a: { b: false },
      transpose_b: { b: false },
    }),
  ],
  weights: [
    { name: 'axis', shape: [], dtype: 'int32' },
    { name: 'second', shape: [2, 1], dtype: 'float32' },
  ],
  bytes: new Uint8Array([1, 0, 0, 0, ...new Uint8Array(Float32Array.from([0, 1]).buffer)]),
}

const column = (feature: string) => ({
  ...{ kind: 'number', feature, optional: false, transform: 'identity' },
  ...{ mean: 1, scale: 2, clip: 10 },
})

/** Opens a graph whose weights are cut into two files; explained or not, as its card says. */
async function opened(graph: typeof network, isExplained = true): Promise<Runtime> {
  const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin']
  const file = {
    format: 'graph-model',
    modelTopology: { node: graph.nodes, versions: { producer: 1482 } },
    weightsManifest: [{ paths, weights: graph.weights }],
  }
  const artifact = {
    encoding: [column('a'), column('b')],
    output: { mean: 10, scale: 4 },
    graph: 'model.json',
  }
  const text = (json: object) => new TextEncoder().encode(JSON.stringify(json))
  const files = new Map([
    ['net.json', text(artifact)],
    ['model.json', text(file)],
    [String(paths[0]), graph.bytes.slice(0, 5)],
    [String(paths[1]), graph.bytes.slice(5)],
  ])
  const bytes = (path: string) => files.get(path) ?? new Uint8Array()
  const card = cardSchema.parse(sampleCard())
  const [variant] = card.variants
  if (!variant) throw new Error('the sample has a variant')
  const explanation = isExplained ? variant.explanation : undefined
  const context = { card, variant: { ...variant, explanation } }
  const runtime = await openTfjs({ main: 'net.json', bytes }, context)
  onTestFinished(() => runtime.close())
  return runtime
}

/** The network by hand, in double precision. */
function byHand(a: number, b: number): number {
  const x = [(a - 1) / 2, (b - 1) / 2]
  const inner = BIAS.map((bias, j) =>
    Math.tanh(Number(x[0]) * Number(KERNEL[j]) + Number(x[1]) * Number(KERNEL[3 + j]) + bias),
  )
  return 10 + 4 * inner.reduce((sum, value, j) => sum + value * Number(LAST[j]), 0)
}

const random = seededRandom(3)
const rows = Array.from({ length: 200 }, () => ({ a: 6 * random() - 2, b: 6 * random() - 2 }))

it('answers as the operations of the graph do, in one call', async () => {
  const answers = await (await opened(network)).predictBatch(rows)
  rows.forEach(({ a, b }, index) => {
    const answer = answers[index]
    if (!answer || answer instanceof Error) throw answer
    expect(Math.abs(answer.value - byHand(a, b))).toBeLessThan(2e-5)
  })
})

it('explains by integrated gradients that add up, and keeps no tensors', async () => {
  const runtime = await opened(network)
  const explained = rows.map((values) => ({ values, value: byHand(values.a, values.b) }))
  const reasons = await runtime.explainBatch(explained)
  explained.forEach(({ value }, index) => {
    const { baseline = 0, contributions = [] } = reasons[index] ?? {}
    expect(baseline).toBeCloseTo(byHand(1, 1), 4)
    const sum = contributions.reduce((total, each) => total + each.contribution, baseline)
    expect(sum).toBeCloseTo(value, 9)
    expect(contributions.map(({ feature }) => feature)).toEqual(['a', 'b'])
  })
  // What does not differ from the baseline has no share.
  const [one] = await runtime.explainBatch([{ values: { a: 1, b: 3 }, value: byHand(1, 3) }])
  expect(one?.contributions[0]?.contribution).toBe(0)
  const { numTensors } = memory()
  await runtime.explainBatch(explained)
  await runtime.predictBatch(rows)
  expect(memory().numTensors).toBe(numTensors)
})

it('is refused at the start when its card promises reasons that it cannot give', async () => {
  const answers = await (await opened(product, false)).predictBatch([{ a: 3, b: 5 }])
  expect(answers).toMatchObject([{ value: 18 }])
  const refused = opened(product)
  await expect(refused).rejects.toThrow(ArtifactError)
  await expect(refused).rejects.toThrow('it has no gradients, so drop explanation from its card')
})

it('is refused at the start when it cannot be computed, or gives several numbers', async () => {
  const unknown = { ...network, nodes: [...network.nodes, node('Abacus', 'z', ['y'])] }
  await expect(opened(unknown)).rejects.toThrow(/the network cannot be computed: .*Abacus/)
  const nodes = network.nodes.filter(({ name }) => name !== 'y' && name !== 'last')
  const wide = { ...network, nodes }
  await expect(opened(wide)).rejects.toThrow('the network gives 3 numbers, and not one')
})
