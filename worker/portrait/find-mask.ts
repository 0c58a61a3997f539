import type { Graph } from '../runtimes/tflite/build-graph.js'
import type { Memory } from './arena.js'
import { agreement, ambiguity, blendSightings } from './blend-sightings.js'
import { components } from './components.js'
import type { Pixels } from './decode-photo.js'
import { findPeople } from './find-people.js'
import { type Plane, resample, within } from './plane.js'
import { around, heightOf, type Region, shareOf, WHOLE, widthOf } from './region.js'
import { type Sighting, segment } from './segment.js'

/**
 * Cells across of the first looks: a face that fills the photo is found at 256, a figure of a third
 * of its height at 384. Each costs 12 ms · (scale ∕ 256)² on one core.
 */
const FIRST_SCALES = [256, 384] as const

/** Cells across of the look at one person. */
const CLOSE_SCALE = 384

/** A person who fills more of the photo than this was seen well enough at first. */
const CLOSE_ENOUGH = 0.8

/**
 * The longer side of a mask, in cells; the refinement brings it to the photo's own size. With 512 a
 * mean IoU differs by less than .001, and the guided filter costs four times as much.
 */
const MASK_SIDE = 256

/** A close look fades out over this part of its region, where the region ends within the photo. */
const FADE = 0.05

/** A stray has nothing the network is sure of, or is this much lighter than the heaviest part. */
const SURE = 0.8
const STRAY = 0.03

/** Below this the network sees no person. */
const LEAST = 0.2

/**
 * What is no person looks like one at one scale and not at the other, or never quite. Of 36 photos
 * with people the worst had 0.53 and 0.19; this refuses 64 of 70 without.
 */
const LEAST_AGREEMENT = 0.3
const MOST_AMBIGUITY = 0.25

type Size = Pick<Plane, 'width' | 'height'>

/** Where people are: a probability for each cell of `region`; outside of it there is nobody. */
export interface Mask {
  readonly region: Region
  readonly plane: Plane
}

/** What a look shows of `target`, at another size. */
function onto(
  { region, plane }: Sighting,
  target: Region,
  { width, height }: Size,
  memory: Memory,
): Plane {
  const part = within(target, region)
  const same = part.left === 0 && part.top === 0 && part.right === 1 && part.bottom === 1
  if (same && plane.width === width && plane.height === height) return plane
  return resample(plane, width, height, part, memory)
}

function canvasFor(region: Region, { width, height }: Pixels) {
  const [wide, high] = [widthOf(region) * width, heightOf(region) * height]
  const scale = Math.min(1, MASK_SIDE / Math.max(wide, high))
  return {
    width: Math.max(1, Math.round(wide * scale)),
    height: Math.max(1, Math.round(high * scale)),
  }
}

/** How much a close look counts along one side: less towards an end that is not the photo's own. */
function fade(cells: number, atStart: boolean, atEnd: boolean): Float32Array {
  const width = FADE * cells
  return Float32Array.from({ length: cells }, (_, cell) =>
    Math.min(1, atStart ? 1 : (cell + 0.5) / width, atEnd ? 1 : (cells - cell - 0.5) / width),
  )
}

/** The cells of a plane over `outer` that lie in `inner`, in whole cells. */
function windowOf(inner: Region, outer: Region, { width, height }: Plane) {
  const part = within(inner, outer)
  const left = Math.max(0, Math.floor(part.left * width))
  const top = Math.max(0, Math.floor(part.top * height))
  const right = Math.min(width, Math.ceil(part.right * width))
  const bottom = Math.min(height, Math.ceil(part.bottom * height))
  return { left, top, width: right - left, height: bottom - top }
}

/** Blends a look at a part into a mask, in place. */
function paste(mask: Mask, part: Plane, place: { left: number; top: number }, person: Region) {
  const { values, width } = mask.plane
  const across = fade(part.width, person.left <= 0, person.right >= 1)
  const down = fade(part.height, person.top <= 0, person.bottom >= 1)
  for (let y = 0, from = 0; y < part.height; y++) {
    const row = (place.top + y) * width + place.left
    for (let x = 0; x < part.width; x++, from++) {
      const old = Number(values[row + x])
      const weight = Number(across[x]) * Number(down[y])
      values[row + x] = old + weight * (Number(part.values[from]) - old)
    }
  }
}

/** Joins the first looks and a closer one at a person, and blends them into a mask, in place. */
function pastePerson(
  mask: Mask,
  first: readonly Sighting[],
  close: Sighting,
  person: Region,
  memory: Memory,
) {
  const place = windowOf(person, mask.region, mask.plane)
  const { width, height } = mask.plane
  const [wide, high] = [widthOf(mask.region) / width, heightOf(mask.region) / height]
  const target: Region = {
    left: mask.region.left + place.left * wide,
    top: mask.region.top + place.top * high,
    right: mask.region.left + (place.left + place.width) * wide,
    bottom: mask.region.top + (place.top + place.height) * high,
  }
  const looks = [...first, close].map((look) => onto(look, target, place, memory))
  paste(mask, blendSightings(looks, memory), place, person)
}

/** Empties what hangs together but is no person, in place. @returns whether anybody is left. */
function dropStrays({ plane }: Mask, memory: Memory): boolean {
  const parts = components(plane, LEAST, memory)
  const heaviest = parts[0]?.weight ?? 0
  const strays = parts.filter(({ peak, weight }) => peak < SURE || weight < STRAY * heaviest)
  for (const { cells } of strays) for (const cell of cells) plane.values[cell] = 0
  return strays.length < parts.length
}

/** Looks at regions at some scales; while the network sees one, the next is scaled elsewhere. */
const looksAt = (
  graph: Graph,
  picture: Pixels,
  views: readonly { region: Region; scale: number }[],
  memory: Memory,
) => Promise.all(views.map(({ region, scale }) => segment(graph, picture, region, scale, memory)))

/**
 * Finds the people of a photo: two looks at the whole, then a closer one at each person or group.
 * @returns undefined when there is nobody.
 */
export async function findMask(
  graph: Graph,
  picture: Pixels,
  memory: Memory,
): Promise<Mask | undefined> {
  const views = FIRST_SCALES.map((scale) => ({ region: WHOLE, scale }))
  const first = await looksAt(graph, picture, views, memory)
  const finest = first.at(-1)?.plane
  if (!finest) throw new Error('there is a first look')
  const overview = first.map((look) => onto(look, WHOLE, finest, memory))
  const seen = blendSightings(overview, memory)
  if (agreement(overview) < LEAST_AGREEMENT || ambiguity(seen) > MOST_AMBIGUITY) return undefined
  const [foremost, ...others] = findPeople(seen, picture.width / picture.height, memory)
  if (!foremost) return undefined
  const region = others.reduce(around, foremost)
  const canvas = canvasFor(region, picture)
  const looks = first.map((look) => onto(look, region, canvas, memory))
  const mask: Mask = { region, plane: blendSightings(looks, memory) }
  const small = [foremost, ...others].filter((person) => shareOf(person) <= CLOSE_ENOUGH)
  const closer = small.map((person) => ({ region: person, scale: CLOSE_SCALE }))
  const close = await looksAt(graph, picture, closer, memory)
  close.forEach((look, index) => {
    const person = small[index]
    if (person) pastePerson(mask, first, look, person, memory)
  })
  return dropStrays(mask, memory) ? mask : undefined
}
