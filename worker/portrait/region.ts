/** A part of a photo, in fractions of its width and height from the top left. */
export interface Region {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export const WHOLE: Region = { left: 0, top: 0, right: 1, bottom: 1 }

export const widthOf = ({ left, right }: Region): number => right - left
export const heightOf = ({ top, bottom }: Region): number => bottom - top

/** Its share of the photo, from 0 to 1. */
export const shareOf = (region: Region): number => widthOf(region) * heightOf(region)

/** The smallest region around both. */
export const around = (one: Region, other: Region): Region => ({
  left: Math.min(one.left, other.left),
  top: Math.min(one.top, other.top),
  right: Math.max(one.right, other.right),
  bottom: Math.max(one.bottom, other.bottom),
})

/** What two regions share, as a part of the smaller: 1 when it lies within the other. */
export function overlap(one: Region, other: Region): number {
  const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left)
  const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top)
  if (wide <= 0 || high <= 0) return 0
  return (wide * high) / Math.min(shareOf(one), shareOf(other))
}

/** A side of `length` around the middle of one from `low` to `high`, moved into 0…1. */
function stretch(low: number, high: number, length: number): [number, number] {
  const size = Math.min(1, length)
  const start = Math.min(Math.max(0, (low + high - size) / 2), 1 - size)
  return [start, start + size]
}

/**
 * Adds a margin, a part of the longer side, and widens a region more slender than `slender`
 * (shorter ÷ longer side in pixels); moved where it would leave the photo.
 * @param aspect the photo's width ÷ height.
 */
export function grow(region: Region, aspect: number, margin: number, slender: number): Region {
  const [wide, high] = [widthOf(region) * aspect, heightOf(region)]
  const more = 2 * margin * Math.max(wide, high)
  const newWide = Math.max(wide + more, slender * (high + more))
  const newHigh = Math.max(high + more, slender * (wide + more))
  const [left, right] = stretch(region.left, region.right, newWide / aspect)
  const [top, bottom] = stretch(region.top, region.bottom, newHigh)
  return { left, top, right, bottom }
}

/** Joins regions until no two share more than `most` of the smaller. */
export function joinOverlapping(regions: readonly Region[], most: number): Region[] {
  return regions.reduce<Region[]>((joined, region) => {
    const met = joined.filter((other) => overlap(region, other) > most)
    if (met.length === 0) return joined.concat(region)
    const others = joined.filter((other) => !met.includes(other))
    return joinOverlapping([...others, met.reduce(around, region)], most)
  }, [])
}
