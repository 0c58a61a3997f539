import { describe, expect, it } from 'vitest'
import { attributeTrees } from './attribute-trees.js'
import { readFixture } from './fixtures/read-fixture.js'
import { predictMargins } from './predict-margins.js'
import { readEnsemble } from './read-ensemble.js'

describe.each(['boosted', 'forest', 'categorical'])('SHAP values of the %s model', (name) => {
  const { text, rows, count, contributions } = readFixture(name)
  const ensemble = readEnsemble(text, name)
  const width = ensemble.columns.length
  const shares = attributeTrees(ensemble, rows, count)

  it("are XGBoost's within 1e-5", () => {
    expect(shares.length).toBe(contributions.length)
    const far = shares.map((share, index) => Math.abs(share - (contributions[index] ?? Number.NaN)))
    expect(Math.max(...far)).toBeLessThan(1e-5)
  })

  it('add up to the margin', () => {
    for (const [row, margin] of predictMargins(ensemble, rows, count).entries()) {
      const own = shares.subarray(row * (width + 1), (row + 1) * (width + 1))
      expect(own.reduce((sum, share) => sum + share)).toBeCloseTo(margin, 12)
    }
  })

  it('are the same for a row alone', () => {
    const last = rows.subarray(-width)
    expect([...attributeTrees(ensemble, last, 1)]).toEqual([...shares.subarray(-width - 1)])
  })
})
