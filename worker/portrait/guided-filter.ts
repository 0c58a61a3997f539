import { FRESH, type Memory } from './arena.js'
import { boxFilter, type Rows } from './box-filter.js'
import type { Plane } from './plane.js'

/**
 * A local linear model of a mask: mask ≈ red · r + green · g + blue · b + offset, with r, g, b from
 * 0 to 1. A cell's four coefficients stand one after the other.
 */
export interface LinearModel {
  readonly width: number
  readonly height: number
  readonly coefficients: Float32Array
}

/** Red, green, blue, the mask, and their products, of which the means are taken: 13 a cell. */
const MOMENTS = 13

/** The guide's channels, the mask and their products in each cell. */
function momentsOf({ width, height, values }: Plane, guide: Uint8Array): Rows {
  const fill = (y: number, row: Float64Array) => {
    for (let cell = y * width, at = 0; at < row.length; cell++, at += MOMENTS) {
      const r = Number(guide[3 * cell]) / 255
      const g = Number(guide[3 * cell + 1]) / 255
      const b = Number(guide[3 * cell + 2]) / 255
      const mask = Number(values[cell])
      row[at] = r
      row[at + 1] = g
      row[at + 2] = b
      row[at + 3] = mask
      row[at + 4] = r * r
      row[at + 5] = r * g
      row[at + 6] = r * b
      row[at + 7] = g * g
      row[at + 8] = g * b
      row[at + 9] = b * b
      row[at + 10] = r * mask
      row[at + 11] = g * mask
      row[at + 12] = b * mask
    }
  }
  return { width, height, channels: MOMENTS, fill }
}

/** Solves (Σ + ε·1) · a = cov(guide, mask) in one window by the adjugate of the 3 × 3 matrix. */
function solve(means: Float64Array, epsilon: number, into: Float32Array, at: number) {
  const [r, g, b] = [Number(means[0]), Number(means[1]), Number(means[2])]
  const mask = Number(means[3])
  const rr = Number(means[4]) - r * r + epsilon
  const rg = Number(means[5]) - r * g
  const rb = Number(means[6]) - r * b
  const gg = Number(means[7]) - g * g + epsilon
  const gb = Number(means[8]) - g * b
  const bb = Number(means[9]) - b * b + epsilon
  const rm = Number(means[10]) - r * mask
  const gm = Number(means[11]) - g * mask
  const bm = Number(means[12]) - b * mask
  const first = gg * bb - gb * gb
  const second = gb * rb - rg * bb
  const third = rg * gb - gg * rb
  const scale = 1 / (rr * first + rg * second + rb * third)
  const fourth = rb * rg - rr * gb
  const red = scale * (first * rm + second * gm + third * bm)
  const green = scale * (second * rm + (rr * bb - rb * rb) * gm + fourth * bm)
  const blue = scale * (third * rm + fourth * gm + (rr * gg - rg * rg) * bm)
  into[at] = red
  into[at + 1] = green
  into[at + 2] = blue
  into[at + 3] = mask - red * r - green * g - blue * b
}

/**
 * The guided filter with a colour guide: where the picture has an edge, the mask takes it over.
 * The model is meant to be scaled up and applied to the picture at its full size.
 * Source: He, Sun & Tang 2013, doi 10.1109/TPAMI.2012.213; He & Sun 2015, arXiv 1505.00996.
 * @param guide red, green and blue of each cell of the mask, 0 to 255.
 * @param epsilon the variance, of values from 0 to 1, below which the picture has no edge.
 */
export function guidedFilter(
  mask: Plane,
  guide: Uint8Array,
  radius: number,
  epsilon: number,
  memory: Memory = FRESH,
): LinearModel {
  const { width, height } = mask
  const solved = memory.floats(4 * width * height)
  boxFilter(momentsOf(mask, guide), radius, (cell, means) =>
    solve(means, epsilon, solved, 4 * cell),
  )
  const fill = (y: number, row: Float64Array) =>
    row.set(solved.subarray(y * row.length, (y + 1) * row.length))
  const coefficients = memory.floats(4 * width * height)
  boxFilter({ width, height, channels: 4, fill }, radius, (cell, means) =>
    coefficients.set(means, 4 * cell),
  )
  return { width, height, coefficients }
}
