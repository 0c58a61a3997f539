import { describe, expect, it } from 'vitest'
import { readFixture } from './fixtures/read-fixture.js'
import { predictMargins } from './predict-margins.js'
import { readEnsemble } from './read-ensemble.js'

describe.each(['boosted', 'forest', 'categorical'])('margins of the %s model', (name) => {
  const { text, rows, count, margins } = readFixture(name)
  const ensemble = readEnsemble(text, name)
  const width = ensemble.columns.length

  it("are XGBoost's to the last bit, in one batch", () => {
    expect([...predictMargins(ensemble, rows, count)]).toEqual([...margins])
  })

  it('are the same for each row alone', () => {
    for (let row = 0; row < count; row++) {
      const own = rows.subarray(row * width, (row + 1) * width)
      expect(predictMargins(ensemble, own, 1)[0]).toBe(margins[row])
    }
  })

  it('has rows with missing values, so that the equality says something of them', () => {
    expect(rows.filter(Number.isNaN).length).toBeGreaterThan(count / 10)
  })
})

describe('predictMargins', () => {
  const { text, rows, count } = readFixture('categorical')
  const ensemble = readEnsemble(text, 'categorical')

  it('refuses rows of another width', () => {
    expect(() => predictMargins(ensemble, rows, count - 1)).toThrow(RangeError)
  })

  it('treats a category that no set knows like one that is in none', () => {
    const margin = (category: number) =>
      predictMargins(ensemble, Float32Array.of(0.1, -0.2, 1, category), 1)[0]
    const [below, above, infinite] = [margin(-1), margin(2 ** 25), margin(Number.POSITIVE_INFINITY)]
    expect([below, above, infinite]).toEqual(Array(3).fill(margin(399)))
    expect(margin(3)).not.toBe(margin(399))
  })

  it('drops the fraction of a category, as XGBoost does', () => {
    const margin = (category: number) =>
      predictMargins(ensemble, Float32Array.of(0.1, -0.2, 1, category), 1)[0]
    expect(margin(3.7)).toBe(margin(3))
  })
})
