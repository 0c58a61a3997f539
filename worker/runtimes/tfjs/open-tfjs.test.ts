import { seededRandom } from '@presage/models/bio-age/random'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { getBackend, memory } from '@tensorflow/tfjs-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readArtifact } from '../artifact.js'
import type { PredictRow, Runtime } from '../runtime.js'
import { openTfjs } from './open-tfjs.js'

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
