import { describe, expect, it } from 'vitest'
import { RowError } from '../runtime.js'
import { attributeLinear, computeLinear, linearArtifactSchema } from './open-linear.js'

const artifact = linearArtifactSchema.parse({
  intercept: 1,
  terms: [
    { feature: 'dose', scale: 10, coefficient: 2, reference: 0.5 },
    { feature: 'crp', transform: 'log1p', coefficient: 3, reference: 0 },
  ],
  output: { offset: 100, slope: -1 },
  measures: [
    { name: 'risk', link: 'cloglog', offset: -20 },
    { name: 'chance', link: 'logit', offset: -21 },
  ],
})
const row = (dose: number, crp: number) => ({ dose, crp })

describe('computeLinear', () => {
  it('scales, transforms, adds and brings the score to the unit of the output', () => {
    const { value, measures } = computeLinear(artifact, row(1, 0))
    expect(value).toBe(100 - 21)
    expect(measures.risk).toBeCloseTo(1 - Math.exp(-Math.E), 12)
    expect(measures.chance).toBe(0.5)
  })

  it('explains in the unit of the output against the reference', () => {
    const { value } = computeLinear(artifact, row(1, Math.E - 1))
    expect(attributeLinear(artifact, row(1, Math.E - 1))).toEqual({
      baseline: 89,
      contributions: [
        { feature: 'dose', value: 1, contribution: -10 },
        { feature: 'crp', value: Math.E - 1, contribution: -3 },
      ],
    })
    expect(value).toBe(76)
  })

  it('keeps a risk between 0 and 1 however large the score', () => {
    expect(computeLinear(artifact, row(1e6, 0)).measures).toEqual({ risk: 1, chance: 1 })
    expect(computeLinear(artifact, row(-1e6, 0)).measures).toEqual({ risk: 0, chance: 0 })
  })

  it('counts a choice, keeps within what was learnt, and raises last', () => {
    const line = linearArtifactSchema.parse({
      intercept: 0,
      terms: [
        { feature: 'sex', is: 'male', coefficient: 100, reference: 0 },
        { feature: 'age', max: 85, scale: 0.1, power: 2, coefficient: 1, reference: 50 },
        { feature: 'crp', min: 1, transform: 'log', coefficient: 5, reference: 1 },
      ],
      output: { offset: 0, slope: 1 },
    })
    const score = (sex: string, age: number, crp: number) =>
      computeLinear(line, { sex, age, crp }).value
    expect(score('male', 20, 1)).toBe(104)
    expect(score('female', 90, 0.1)).toBe(8.5 ** 2)
    expect(() => computeLinear(line, { age: 20, crp: 1 })).toThrow('sex is missing')
  })

  it('refuses a row without one of its features', () => {
    expect(() => computeLinear(artifact, { dose: 1 })).toThrow(
      new RowError('crp is missing or not a number'),
    )
  })
})
