/** Points in (0, 1) and their weights, which sum to 1. */
export interface Quadrature {
  readonly points: Float64Array
  readonly weights: Float64Array
}

/** The Legendre polynomial of a degree at x, and its derivative. */
function legendre(degree: number, x: number) {
  let before = 1
  let value = x
  for (let n = 2; n <= degree; n++) {
    const next = ((2 * n - 1) * x * value - (n - 1) * before) / n
    before = value
    value = next
  }
  return { value, slope: (degree * (x * value - before)) / (x * x - 1) }
}

/** A root of the polynomial by Newton's method; from this start it takes under ten steps. */
function rootOf(degree: number, index: number) {
  let x = Math.cos((Math.PI * (index + 0.75)) / (degree + 0.5))
  for (let steps = 0; steps < 20; steps++) {
    const { value, slope } = legendre(degree, x)
    x -= value / slope
  }
  return x
}

/** Gauss and Legendre's rule on (0, 1): exact for polynomials of degree 2 × count − 1. */
export function gaussLegendre(count: number): Quadrature {
  const points = new Float64Array(count)
  const weights = new Float64Array(count)
  for (let index = 0; index < count; index++) {
    const x = rootOf(count, index)
    const { slope } = legendre(count, x)
    points[index] = (1 + x) / 2
    weights[index] = 1 / ((1 - x * x) * slope * slope)
  }
  return { points, weights }
}
