import { FRESH, type Memory } from './arena.js'
import { components } from './components.js'
import type { Plane } from './plane.js'
import { grow, joinOverlapping, type Region } from './region.js'

/** Lower than the cut-out's own border: a shoe half seen belongs into the closer look. */
const LEAST_PROBABILITY = 0.3

/** Smaller than this share of the photo is nobody who was portrayed. */
const LEAST_SHARE = 0.003

/** Each costs one more pass of the network. */
const MOST_PEOPLE = 3

/** Two regions that share more than this part of the smaller are looked at as one. */
const MOST_SHARED = 0.3

/** Of the longer side; the network needs to see what surrounds a person. */
const MARGIN = 0.1

/** The most slender region: narrower than one to two the network saw no people when it was trained. */
const SLENDER = 0.5

/**
 * Regions with people, the most visible first: what hangs together in a first look at a photo,
 * with a margin. People who stand before each other are one region.
 * @param aspect the photo's width ÷ height.
 */
export function findPeople(look: Plane, aspect: number, memory: Memory = FRESH): Region[] {
  const cells = look.width * look.height
  const seen = components(look, LEAST_PROBABILITY, memory)
    .filter((part) => part.cells.length >= LEAST_SHARE * cells)
    .map((part) => part.region)
  return joinOverlapping(seen, MOST_SHARED)
    .slice(0, MOST_PEOPLE)
    .map((region) => grow(region, aspect, MARGIN, SLENDER))
}
