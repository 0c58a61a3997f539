import { describe, expect, it } from 'vitest'
import { gaussLegendre } from './integrated-gradients.js'

describe('gaussLegendre', () => {
  it.each([2, 5, 24])('with %i points integrates every power it should exactly', (points) => {
    for (let power = 0; power < 2 * points; power++) {
      const sum = gaussLegendre(points).reduce(
        (s, { node, weight }) => s + weight * node ** power,
        0,
      )
      expect(sum).toBeCloseTo(1 / (power + 1), 12)
    }
  })
})
