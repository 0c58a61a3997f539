import { boxFilter } from './box-filter.js'
import type { Plane } from './plane.js'

/**
 * A local linear model of a mask: mask ≈ red · r + green · g + blue · b + offset, with r, g, b from
 * 0 to 1. Each coefficient is a plane of the mask's size.
 */
export interface LinearModel {
  readonly width: number
  readonly height: number
  readonly red: Float32Array
  readonly green: Float32Array
  readonly blue: Float32Array
  readonly offset: Float32Array
}

function channel(rgb: Uint8Array, first: number): Float32Array {
  const values = new Float32Array(rgb.length / 3)
  for (let at = first, to = 0; to < values.length; at += 3, to++) values[to] = Number(rgb[at]) / 255
  return values
}

/** One mean over each window: E[one · other] − E[one] · E[other]. */
type Mean = (values: Float32Array) => Float32Array

function covariance(
  mean: Mean,
  one: Float32Array,
  other: Float32Array,
  oneMean: Float32Array,
  otherMean: Float32Array,
): Float32Array {
  const products = new Float32Array(one.length)
  for (let at = 0; at < products.length; at++) products[at] = Number(one[at]) * Number(other[at])
  const result = mean(products)
  for (let at = 0; at < result.length; at++)
    result[at] = Number(result[at]) - Number(oneMean[at]) * Number(otherMean[at])
  return result
}

/** Variances and covariances of the guide's channels, and of each with the mask. */
function moments(mean: Mean, guide: Uint8Array, mask: Float32Array) {
  const [r, g, b] = [channel(guide, 0), channel(guide, 1), channel(guide, 2)]
  const [meanR, meanG, meanB, meanMask] = [mean(r), mean(g), mean(b), mean(mask)]
  return {
    means: { r: meanR, g: meanG, b: meanB, mask: meanMask },
    rr: covariance(mean, r, r, meanR, meanR),
    rg: covariance(mean, r, g, meanR, meanG),
    rb: covariance(mean, r, b, meanR, meanB),
    gg: covariance(mean, g, g, meanG, meanG),
    gb: covariance(mean, g, b, meanG, meanB),
    bb: covariance(mean, b, b, meanB, meanB),
    rm: covariance(mean, r, mask, meanR, meanMask),
    gm: covariance(mean, g, mask, meanG, meanMask),
    bm: covariance(mean, b, mask, meanB, meanMask),
  }
}

/** Solves (Σ + ε·1) · a = cov(guide, mask) in each window by the adjugate of the 3 × 3 matrix. */
function solve(given: ReturnType<typeof moments>, epsilon: number) {
  const cells = given.rr.length
  const [red, green] = [new Float32Array(cells), new Float32Array(cells)]
  const [blue, offset] = [new Float32Array(cells), new Float32Array(cells)]
  const { means } = given
  for (let at = 0; at < cells; at++) {
    const rr = Number(given.rr[at]) + epsilon
    const gg = Number(given.gg[at]) + epsilon
    const bb = Number(given.bb[at]) + epsilon
    const rg = Number(given.rg[at])
    const rb = Number(given.rb[at])
    const gb = Number(given.gb[at])
    const rm = Number(given.rm[at])
    const gm = Number(given.gm[at])
    const bm = Number(given.bm[at])
    const first = gg * bb - gb * gb
    const second = gb * rb - rg * bb
    const third = rg * gb - gg * rb
    const scale = 1 / (rr * first + rg * second + rb * third)
    const fourth = rb * rg - rr * gb
    const forRed = scale * (first * rm + second * gm + third * bm)
    const forGreen = scale * (second * rm + (rr * bb - rb * rb) * gm + fourth * bm)
    const forBlue = scale * (third * rm + fourth * gm + (rr * gg - rg * rg) * bm)
    red[at] = forRed
    green[at] = forGreen
    blue[at] = forBlue
    const mean = forRed * Number(means.r[at]) + forGreen * Number(means.g[at])
    offset[at] = Number(means.mask[at]) - mean - forBlue * Number(means.b[at])
  }
  return { red, green, blue, offset }
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
): LinearModel {
  const { width, height, values } = mask
  const mean: Mean = (plane) => boxFilter(plane, width, height, radius)
  const { red, green, blue, offset } = solve(moments(mean, guide, values), epsilon)
  return {
    width,
    height,
    red: mean(red),
    green: mean(green),
    blue: mean(blue),
    offset: mean(offset),
  }
}
