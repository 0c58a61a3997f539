import { describe, expect, it } from 'vitest'
import { phenoAge } from './build-phenoage.js'

const checked = {
  albumin: 4.2,
  creatinine: 0.9,
  glucose: 95,
  crp: 0.2,
  lymphocytes: 30,
  mcv: 90,
  rdw: 13,
  alp: 70,
  wbc: 7,
  age: 50,
}

describe('phenoAge', () => {
  it('gives the published formula its check value', () => {
    expect(phenoAge(checked)).toBeCloseTo(46.7429, 6)
  })

  it('stays finite where the two exponentials of the paper overflow', () => {
    expect(phenoAge({ ...checked, glucose: 70_000 })).toBeCloseTo(
      46.7429 + (69_905 * 0.0555 * 0.1953192) / 0.090165,
      3,
    )
  })
})
