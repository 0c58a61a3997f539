import { expect, it } from 'vitest'
import { gaussLegendre } from './gauss-legendre.js'

it.each([1, 2, 3, 8, 40, 128])('%i points integrate their polynomials exactly', (count) => {
  const { points, weights } = gaussLegendre(count)
  for (const degree of [0, 1, count, 2 * count - 1]) {
    const integral = points.reduce((sum, x, i) => sum + (weights[i] ?? 0) * x ** degree, 0)
    expect(integral * (degree + 1)).toBeCloseTo(1, 12)
  }
})
