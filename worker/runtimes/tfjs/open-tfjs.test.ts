import { seededRandom } from '@presage/models/bio-age/random'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { encodedWidth, encodeRow } from '@presage/models/encoding/encoding'
import { getBackend, memory } from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readArtifact } from '../artifact.js'
import type { PredictRow, Runtime } from '../runtime.js'
import { answer } from './answer.js'
import { integratedGradients } from './integrated-gradients.js'
import { loadNetwork, openTfjs } from './open-tfjs.js'

const model = (await loadCatalogue()).model('bio-age')
const variant = model?.card.variants.find(({ name }) => name === 'network')
if (!model || !variant) throw new Error('bio-age has a network')
const { features } = model.card

/** Invented people: values all over their ranges, each optional one sent every second time. */
function inventRows(count: number, explain: boolean): PredictRow[] {
  const next = seededRandom(42)
  return Array.from({ length: count }, () => {
    const sent = features.filter(({ required }) => required || next() < 0.5)
    const values = sent.map(({ name, choices, example, min = 0, max = 0 }) => {
      if (choices) return [name, String(choices[Math.floor(next() * choices.length)])]
      const wide = next() < 0.2 ? min + (max - min) * next() : Number(example) * (0.6 + next())
      return [name, Math.min(max, Math.max(min, wide))]
    })
    return { values: Object.fromEntries(values), explain }
  })
}

describe('the network of bio-age', () => {
  let runtime: Runtime
  beforeAll(async () => {
    runtime = await openTfjs(await readArtifact(model, variant))
  })
  afterAll(() => runtime.close())

  const compute = (rows: readonly PredictRow[]) =>
    runtime.compute(rows).map((each) => {
      if (each instanceof Error) throw each
      return each
    })

  it('runs on a fast backend', () => {
    expect(['wasm', 'tensorflow']).toContain(getBackend())
  })

  it('answers a row alike alone and among 300', () => {
    const rows = inventRows(300, false)
    const together = compute(rows)
    rows.forEach((row, index) => {
      const [alone] = compute([row])
      expect(Math.abs(Number(alone?.value) - Number(together[index]?.value))).toBeLessThan(1e-4)
    })
  })

  it.each([1, 3, 4, 300])('explains completely, %i rows at a time', (size) => {
    const rows = inventRows(300, true)
    for (let from = 0; from < rows.length; from += size) {
      for (const { value, attribution } of compute(rows.slice(from, from + size))) {
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
    const rows = inventRows(300, true).map(({ values }) => {
      const row = new Float32Array(encodedWidth(encoding))
      encodeRow(encoding, values, row)
      return row
    })
    const baselines = rows.map((row) => row.map((value, i) => (i < encoding.length ? 0 : value)))
    const [there, here] = [answer(network, rows), answer(network, baselines)]
    const shares = integratedGradients(network.model, rows, baselines)
    network.model.dispose()
    shares.forEach((each, index) => {
      const whole = Number(there[index]) - Number(here[index])
      const years = each.map((share) => output.scale * share)
      const left = Math.abs(whole - years.reduce((sum, share) => sum + share, 0))
      const size = years.reduce((sum, share) => sum + Math.abs(share), 0)
      expect(left).toBeLessThan(0.01 * size)
    })
  })

  it('gives a contribution to what was sent, in order of the card, and to nothing else', () => {
    const [row] = inventRows(1, true)
    const [computed] = row ? compute([row]) : []
    const sent = features.map(({ name }) => name).filter((name) => row && name in row.values)
    expect(computed?.attribution?.contributions.map(({ feature }) => feature)).toEqual(
      sent.filter((name) => name !== 'age'),
    )
  })

  it('answers the same whatever the age', () => {
    const [row] = inventRows(1, false)
    const aged = (age: number) => ({ values: { ...row?.values, age }, explain: false })
    const [young, old] = compute([aged(20), aged(79)])
    expect(young?.value).toBe(old?.value)
  })

  it('keeps no tensors after thousands of rows', () => {
    compute(inventRows(100, true))
    const { numTensors } = memory()
    for (let round = 0; round < 20; round++) compute(inventRows(100, true))
    expect(memory().numTensors).toBe(numTensors)
  })
})
