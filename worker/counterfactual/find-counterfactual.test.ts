import { cardSchema } from '@presage/models/card/card-schema'
import { sampleCard } from '@presage/models/card/sample-card'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findCounterfactual, type ScoreRows } from './find-counterfactual.js'

const shape = sampleCard()
const features = cardSchema
  .parse({
    ...shape,
    features: shape.features.map((feature) => ({ ...feature, mutable: feature.name !== 'age' })),
  })
  .features.map((feature) =>
    feature.name === 'albumin' ? { ...feature, monotone: 'decreasing' as const } : feature,
  )
const start = { albumin: 4, visits: 2, sex: 'female', smoker: true, age: 50 }

/** 1 for smokers, 0.1 a year, −0.5 for each g/dL of albumin, 0.2 a visit. */
const line: ScoreRows = async (rows) =>
  rows.map(
    ({ albumin, visits, smoker, age }) =>
      (smoker ? 1 : 0) + 0.1 * Number(age) - 0.5 * Number(albumin) + 0.2 * Number(visits),
  )
const [now = Number.NaN] = await line([start])
const lower = (score: number) => ({ toward: 'lower' as const, score })

describe('findCounterfactual', () => {
  it('finds the smallest change of one feature, brought back to where the target is just met', async () => {
    const found = await findCounterfactual(features, start, lower(now - 0.25), line)
    expect(found?.values).toMatchObject({ visits: 2, smoker: true, age: 50, sex: 'female' })
    expect(Number(found?.values.albumin)).toBeGreaterThanOrEqual(4.5)
    expect(Number(found?.values.albumin)).toBeLessThan(4.51)
    expect(found?.score).toBeLessThanOrEqual(now - 0.25)
  })

  it('changes several where one cannot', async () => {
    const found = await findCounterfactual(features, start, lower(now - 2.7), line)
    expect(found?.score).toBeLessThanOrEqual(now - 2.7)
    expect(found?.values).toMatchObject({ smoker: false, age: 50 })
  })

  it('answers what is there already with no change', async () => {
    const found = await findCounterfactual(features, start, lower(now + 1), line)
    expect(found).toEqual({ values: start, score: now })
  })

  it('says so when nothing that may change reaches it', async () => {
    expect(await findCounterfactual(features, start, lower(now - 4), line)).toBeUndefined()
  })

  it('never goes against a direction, moves what is fixed, or leaves a range', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          albumin: fc.double({ min: 1, max: 7, noNaN: true }),
          visits: fc.integer({ min: 0, max: 10 }),
          smoker: fc.boolean(),
        }),
        fc.double({ min: -3, max: 3, noNaN: true }),
        async (own, by) => {
          const from = { ...start, ...own }
          const [before = Number.NaN] = await line([from])
          const target = { toward: by < 0 ? ('lower' as const) : ('higher' as const) }
          const found = await findCounterfactual(
            features,
            from,
            { ...target, score: before + by },
            line,
          )
          if (!found) return
          const { albumin, visits, age } = found.values
          expect(age).toBe(50)
          expect(Number.isInteger(visits)).toBe(true)
          expect(Number(albumin)).toBeGreaterThanOrEqual(1)
          expect(Number(albumin)).toBeLessThanOrEqual(7)
          if (by < 0) expect(Number(albumin)).toBeGreaterThanOrEqual(from.albumin)
          else expect(Number(albumin)).toBeLessThanOrEqual(from.albumin)
          const [score] = await line([found.values])
          expect(score).toBe(found.score)
          expect(by < 0 ? found.score <= before + by : found.score >= before + by).toBe(true)
        },
      ),
    )
  })
})
