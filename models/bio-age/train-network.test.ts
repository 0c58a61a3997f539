import { beforeAll, expect, it, vi } from 'vitest'
import { startWasm } from '../network/start-wasm.js'
import { seededRandom } from '../random/random.js'
import { BODY, CORE, FURTHER_BLOOD, type Person } from './dataset.js'
import { fitEncoding } from './fit-encoding.js'
import { drawKept } from './masking.js'
import { trainNetwork } from './train-network.js'

vi.mock('./masking.js', async (original) => {
  const masking = await original<typeof import('./masking.js')>()
  return { ...masking, drawKept: vi.fn(masking.drawKept) }
})

const EPOCHS = 3

/** Invented people with everything measured. */
const random = seededRandom(5)
const people = Array.from({ length: 64 }, (_, index): Person => {
  const sex = index % 2 ? 'male' : 'female'
  const age = 20 + Math.floor(60 * random())
  const measured = [...CORE, ...FURTHER_BLOOD, ...BODY].map((name) => [name, 1 + random()])
  return { fold: index % 5, age, sex, values: { ...Object.fromEntries(measured), sex, age } }
})

function weightsOf(seed: number): number[] {
  const training = { seed, epochs: EPOCHS, batch: 16, rate: 0.002, hidden: [8, 4] }
  const model = trainNetwork(people, fitEncoding(people), training, () => undefined)
  const weights = model.getWeights().flatMap((tensor) => [...tensor.dataSync()])
  model.dispose()
  return weights
}

beforeAll(startWasm)

it('gives the same network again with the same seed, and another with another', () => {
  const once = weightsOf(1)
  expect(weightsOf(1)).toEqual(once)
  expect(weightsOf(2)).not.toEqual(once)
})

it('masks every person afresh in each epoch', () => {
  vi.mocked(drawKept).mockClear()
  weightsOf(1)
  const drawn = vi.mocked(drawKept).mock.results.map(({ value }) => [...value].join())
  expect(drawn).toHaveLength(EPOCHS * people.length)
  const epoch = (n: number) => drawn.slice(n * people.length, (n + 1) * people.length)
  expect(epoch(0)).not.toEqual(epoch(1))
  expect(epoch(1)).not.toEqual(epoch(2))
})
