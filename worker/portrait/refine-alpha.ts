import type { Photo } from './decode-photo.js'
import type { Mask } from './find-mask.js'
import { guidedFilter, type LinearModel } from './guided-filter.js'
import { positions } from './plane.js'
import { pixelsOf, scaled } from './segment.js'

/** Of a mask's longer side: 2 cells of 256, three cells of what the network saw closely. */
const RADIUS = 0.008

/** (2.5 ∕ 255)²: what differs less is noise of a camera. */
const EPSILON = 1e-4

/** The network is rarely quite sure: what it takes for 15 % is nothing, for 85 % everything. */
const NOTHING = 0.15
const EVERYTHING = 0.85

/** One row of the model, interpolated between two of its rows. */
function rowBetween(
  values: Float32Array,
  above: number,
  below: number,
  part: number,
  into: Float32Array,
) {
  for (let x = 0; x < into.length; x++) {
    const top = Number(values[above + x])
    into[x] = top + part * (Number(values[below + x]) - top)
  }
}

/** Four rows of coefficients in one array, so that a pixel's are found in one place. */
interface Line {
  readonly red: Float32Array
  readonly green: Float32Array
  readonly blue: Float32Array
  readonly offset: Float32Array
}

const newLine = (width: number): Line => ({
  red: new Float32Array(width),
  green: new Float32Array(width),
  blue: new Float32Array(width),
  offset: new Float32Array(width),
})

function fillLine(line: Line, model: LinearModel, above: number, below: number, part: number) {
  rowBetween(model.red, above, below, part, line.red)
  rowBetween(model.green, above, below, part, line.green)
  rowBetween(model.blue, above, below, part, line.blue)
  rowBetween(model.offset, above, below, part, line.offset)
}

type Across = ReturnType<typeof positions>

const toAlpha = 255 / (EVERYTHING - NOTHING)

/** Applies one line to one row of pixels: a value below 0 or above 255 is clamped by the array. */
function applyLine(
  { red, green, blue, offset }: Line,
  { low, high, part }: Across,
  { data, channels }: Photo,
  alpha: Uint8ClampedArray,
  from: number,
) {
  for (
    let x = 0, pixel = from, at = channels * from;
    x < low.length;
    x++, pixel++, at += channels
  ) {
    const left = Number(low[x])
    const right = Number(high[x])
    const further = Number(part[x])
    const nearer = 1 - further
    const value =
      (Number(data[at]) * (nearer * Number(red[left]) + further * Number(red[right])) +
        Number(data[at + 1]) * (nearer * Number(green[left]) + further * Number(green[right])) +
        Number(data[at + 2]) * (nearer * Number(blue[left]) + further * Number(blue[right]))) /
        255 +
      nearer * Number(offset[left]) +
      further * Number(offset[right])
    alpha[pixel] = (value - NOTHING) * toAlpha
  }
}

/**
 * A mask at the photo's full size, 0 to 255, with its border on the photo's edges. Photos with
 * transparency keep it.
 */
export async function refineAlpha(photo: Photo, mask: Mask): Promise<Uint8ClampedArray> {
  const { bytes: guide } = await scaled(photo.copy, mask.region, mask.plane)
  const radius = Math.max(2, Math.round(RADIUS * Math.max(mask.plane.width, mask.plane.height)))
  const model = guidedFilter(mask.plane, guide, radius, EPSILON)
  const alpha = new Uint8ClampedArray(photo.width * photo.height)
  const cut = pixelsOf(photo, mask.region)
  const across = positions(cut.width, 0, 1, model.width)
  const down = positions(cut.height, 0, 1, model.height)
  const line = newLine(model.width)
  for (let y = 0; y < cut.height; y++) {
    const above = Number(down.low[y]) * model.width
    const below = Number(down.high[y]) * model.width
    fillLine(line, model, above, below, Number(down.part[y]))
    applyLine(line, across, photo, alpha, (cut.top + y) * photo.width + cut.left)
  }
  if (photo.channels === 4) keepTransparency(photo, alpha)
  return alpha
}

function keepTransparency({ data }: Photo, alpha: Uint8ClampedArray) {
  for (let pixel = 0, own = 3; pixel < alpha.length; pixel++, own += 4)
    alpha[pixel] = (Number(alpha[pixel]) * Number(data[own])) / 255
}
