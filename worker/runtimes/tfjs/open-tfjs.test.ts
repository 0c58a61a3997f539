import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { encodedWidth, encodeRow } from '@presage/models/encoding/encoding'
import { seededRandom } from '@presage/models/random/random'
import { getBackend, memory } from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readArtifact } from '../artifact.js'
import type { Runtime, Values } from '../runtime.js'
import { answer } from './answer.js'
import { integratedGradients } from './integrated-gradients.js'
import { loadNetwork, openTfjs } from './open-tfjs.js'

const model = (await loadCatalogue()).model('bio-age')
const variant = model?.card.variants.find(({ name }) => name === 'network')
if (!model || !variant) throw new Error('bio-age has a network')
const { card } = model
const { features } = card

/** Invented people: values all over their ranges, each optional one sent every second time. */
function inventRows(count: number): Values[] {
  const next = seededRandom(42)
  return Array.from({ length: count }, () => {
    const sent = features.filter(({ required }) => required || next() < 0.5)
    const values = sent.map(({ name, choices, example, min = 0, max = 0 }) => {
      if (choices) return [name, String(choices[Math.floor(next() * choices.length)])]
      const wide = next() < 0.2 ? min + (max - min) * next() : Number(example) * (0.6 + next())
      return [name, Math.min(max, Math.max(min, wide))]
    })
    return Object.fromEntries(values)
  })
}

describe('the network of bio-age', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await openTfjs(await readArtifact(model, variant), { card, variant })
  })
  afterAll(() => runtime.close())

  const compute = async (rows: readonly Values[]) =>
    (await runtime.predictBatch(rows)).map((each) => {
      if (each instanceof Error) throw each
      return each
    })
  const explain = async (rows: readonly Values[]) => {
    const computed = await compute(rows)
    const explained = rows.map((values, row) => ({ values, value: Number(computed[row]?.value) }))
    const reasons = await runtime.explainBatch(explained)
    return explained.map(({ value }, row) => ({ value, attribution: reasons[row] }))
  }

  it('runs on a fast backend', () => {
    expect(['wasm', 'tensorflow']).toContain(getBackend())
  })

  it('answers a row alike alone and among 300', async () => {
    const rows = inventRows(300)
    const together = await compute(rows)
    for (const [index, row] of rows.entries()) {
      const [alone] = await compute([row])
      expect(Math.abs(Number(alone?.value) - Number(together[index]?.value))).toBeLessThan(1e-4)
    }
  })

  it.each([1, 3, 4, 300])('explains completely, %i rows at a time', async (size) => {
    const rows = inventRows(300)
    for (let from = 0; from < rows.length; from += size) {
      for (const { value, attribution } of await explain(rows.slice(from, from + size))) {
        const total = attribution?.contributions.reduce(
          (sum, { contribution }) => sum + contribution,
          attribution.baseline,
        )
        expect(Math.abs(Number(total) - value)).toBeLessThan(1e-9)
      }
    }
  })

  it('has shares of which next to nothing is left to be spread', async () => {
    const { network } = await loadNetwork(await readArtifact(model, variant))
    const { encoding, output } = network
    const rows = inventRows(300).map((values) => {
      const row = new Float32Array(encodedWidth(encoding))
      encodeRow(encoding, values, row)
      return row
    })
    const baselines = rows.map((row) => row.map((value, i) => (i < encoding.length ? 0 : value)))
    const [there, here] = [answer(network, rows), answer(network, baselines)]
    const shares = integratedGradients(network.net, rows, baselines)
    network.net.dispose()
    shares.forEach((each, index) => {
      const whole = Number(there[index]) - Number(here[index])
      const years = each.map((share) => output.scale * share)
      const left = Math.abs(whole - years.reduce((sum, share) => sum + share, 0))
      const size = years.reduce((sum, share) => sum + Math.abs(share), 0)
      expect(left).toBeLessThan(0.01 * size)
    })
  })

  it('gives a contribution to what was sent, in order of the card, and to nothing else', async () => {
    const [row] = inventRows(1)
    const [explained] = row ? await explain([row]) : []
    const sent = features.map(({ name }) => name).filter((name) => row && name in row)
    expect(explained?.attribution?.contributions.map(({ feature }) => feature)).toEqual(
      sent.filter((name) => name !== 'age' && name !== 'tenYearMortality'),
    )
  })

  it('answers the same whatever the age', async () => {
    const [row] = inventRows(1)
    const aged = (age: number) => ({ ...row, age })
    const [young, old] = await compute([aged(20), aged(79)])
    expect(young?.value).toBe(old?.value)
  })

  it('keeps no tensors after thousands of rows', async () => {
    await explain(inventRows(100))
    const { numTensors } = memory()
    for (let round = 0; round < 20; round++) await explain(inventRows(100))
    expect(memory().numTensors).toBe(numTensors)
  })
})
