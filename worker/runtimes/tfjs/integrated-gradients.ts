import * as tf from '@tensorflow/tfjs-core'
import type { Net } from './net.js'

/**
 * Points of the path at which the gradient is read. For 2,000 people and the network of bio-age
 * the shares missed the whole by at most 0.0002 years with 16 points, 0.005 with 12, 0.1 with 8.
 */
const POINTS = 16

/** Rows explained in one call: 64 × 16 points keep the largest layer below a megabyte. */
const ROWS_AT_ONCE = 64

/** The Legendre polynomial of degree `n` at `x` and its derivative, by the three-term recurrence. */
function legendre(n: number, x: number): { value: number; slope: number } {
  let [before, value] = [1, x]
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * x * value - (k - 1) * before) / k
    before = value
    value = next
  }
  return { value, slope: (n * (x * value - before)) / (x * x - 1) }
}

/** Nodes and weights of Gauss-Legendre quadrature on [0, 1]. */
export function gaussLegendre(points: number): { node: number; weight: number }[] {
  return Array.from({ length: points }, (_, index) => {
    let x = Math.cos((Math.PI * (index + 0.75)) / (points + 0.5))
    for (let round = 0; round < 8; round++) {
      const { value, slope } = legendre(points, x)
      x -= value / slope
    }
    const { slope } = legendre(points, x)
    return { node: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) }
  })
}

const QUADRATURE = gaussLegendre(POINTS)

/** Every row's points on the straight path from its baseline. */
function paths(rows: readonly Float32Array[], baselines: readonly Float32Array[], width: number) {
  const points = new Float32Array(rows.length * POINTS * width)
  rows.forEach((row, r) => {
    QUADRATURE.forEach(({ node }, p) => {
      const offset = (r * POINTS + p) * width
      for (let i = 0; i < width; i++) {
        const from = Number(baselines[r]?.[i])
        points[offset + i] = from + node * (Number(row[i]) - from)
      }
    })
  })
  return points
}

function slopesAt(net: Net, points: Float32Array, width: number): Float32Array {
  return tf.tidy(() => {
    const slope = tf.grad((x) => tf.sum(net.apply(x)))
    return Float32Array.from(slope(tf.tensor2d(points, [points.length / width, width])).dataSync())
  })
}

function integrateSome(
  net: Net,
  rows: readonly Float32Array[],
  baselines: readonly Float32Array[],
): Float64Array[] {
  const width = rows[0]?.length ?? 0
  const slopes = slopesAt(net, paths(rows, baselines, width), width)
  return rows.map((row, r) =>
    Float64Array.from(row, (value, i) => {
      const slope = QUADRATURE.reduce(
        (sum, { weight }, p) => sum + weight * Number(slopes[(r * POINTS + p) * width + i]),
        0,
      )
      return (value - Number(baselines[r]?.[i])) * slope
    }),
  )
}

/**
 * Integrated gradients (Sundararajan et al. 2017, arXiv 1703.01365): each input's share of the
 * way from the answer at its baseline to the answer at the row.
 */
export function integratedGradients(
  net: Net,
  rows: readonly Float32Array[],
  baselines: readonly Float32Array[],
): Float64Array[] {
  const shares: Float64Array[] = []
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    const to = from + ROWS_AT_ONCE
    shares.push(...integrateSome(net, rows.slice(from, to), baselines.slice(from, to)))
  }
  return shares
}
