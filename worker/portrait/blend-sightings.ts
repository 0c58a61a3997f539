import { FRESH, type Memory } from './arena.js'
import type { Plane } from './plane.js'

/** Added to an ambiguity, so that a sighting that doubts nothing does not outweigh all others. */
const LEAST_DOUBT = 0.003

/**
 * How unsure a sighting is: Σ p·(1 − p) ∕ Σ p, 0 when every cell is certain. Where people are much
 * larger or smaller than the network expects them, it wavers; so this tells which scale suits them.
 */
export function ambiguity({ values }: Plane): number {
  let doubt = 0
  let found = 1
  for (let at = 0; at < values.length; at++) {
    const p = Number(values[at])
    doubt += p * (1 - p)
    found += p
  }
  return doubt / found
}

/** The mean of sightings of one region and one size, each weighed by 1 ∕ ambiguity². */
export function blendSightings(planes: readonly Plane[], memory: Memory = FRESH): Plane {
  const weights = planes.map((plane) => (ambiguity(plane) + LEAST_DOUBT) ** -2)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const { width = 0, height = 0 } = planes[0] ?? {}
  const values = memory.floats(width * height).fill(0)
  planes.forEach((plane, index) => {
    const weight = Number(weights[index]) / total
    const { values: seen } = plane
    for (let at = 0; at < values.length; at++)
      values[at] = Number(values[at]) + weight * Number(seen[at])
  })
  return { width, height, values }
}

/** How much sightings of one region agree: Σ min ∕ Σ max, 1 when they are the same. */
export function agreement(planes: readonly Plane[]): number {
  const looks = planes.map(({ values }) => values)
  const cells = looks[0]?.length ?? 0
  let shared = 0
  let all = 1
  for (let at = 0; at < cells; at++) {
    let least = 1
    let most = 0
    for (let look = 0; look < looks.length; look++) {
      const value = Number(looks[look]?.[at])
      if (value < least) least = value
      if (value > most) most = value
    }
    shared += least
    all += most
  }
  return shared / all
}
