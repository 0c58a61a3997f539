import type { Memory } from './arena.js'
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

/** A cell of the model that gives the same alpha whatever the colour, or not. */
const [OPEN, CLEAR, OPAQUE] = [0, 1, 2]

/** Colours are from 0 to 1, so a cell's values lie between the sums of what lowers and raises. */
function settle({ coefficients }: LinearModel, memory: Memory): Uint8ClampedArray {
  const settled = memory.bytes(coefficients.length / 4)
  for (let cell = 0, at = 0; cell < settled.length; cell++, at += 4) {
    const red = Number(coefficients[at])
    const green = Number(coefficients[at + 1])
    const blue = Number(coefficients[at + 2])
    const offset = Number(coefficients[at + 3])
    const least = offset + Math.min(0, red) + Math.min(0, green) + Math.min(0, blue)
    const most = offset + Math.max(0, red) + Math.max(0, green) + Math.max(0, blue)
    settled[cell] = most <= NOTHING ? CLEAR : least >= EVERYTHING ? OPAQUE : OPEN
  }
  return settled
}

/** A model as it lies over a photo's pixels; pixels from `starts[column]` on are right of a column. */
interface Overlay {
  readonly model: LinearModel
  readonly settled: Uint8ClampedArray
  readonly starts: Int32Array
  readonly across: Float32Array
  /** Coefficients of two columns, written anew for each row and column. */
  readonly left: Float64Array
  readonly right: Float64Array
}

/** Where the pixels begin that lie between a column and the next. */
function startsOf(low: Int32Array, columns: number): Int32Array {
  const starts = new Int32Array(columns + 1).fill(low.length)
  for (let x = low.length - 1; x >= 0; x--) starts[Number(low[x])] = x
  for (let column = columns - 1; column >= 0; column--)
    starts[column] = Math.min(Number(starts[column]), Number(starts[column + 1]))
  return starts
}

/** One row of pixels: between which rows of the model it lies, and where it begins. */
interface Row {
  readonly above: number
  readonly below: number
  readonly part: number
  readonly from: number
}

const toAlpha = 255 / (EVERYTHING - NOTHING)

/** A column's four coefficients between two rows of the model. */
function interpolate(
  coefficients: Float32Array,
  above: number,
  below: number,
  part: number,
  into: Float64Array,
) {
  for (let each = 0; each < 4; each++) {
    const top = Number(coefficients[4 * above + each])
    into[each] = top + part * (Number(coefficients[4 * below + each]) - top)
  }
}

/** Applies the model between two columns: a value below 0 or above 255 is clamped by the array. */
function applyColumn(
  { model, starts, across, left, right }: Overlay,
  { above, below, part, from }: Row,
  { data, channels }: Photo,
  alpha: Uint8ClampedArray,
  column: number,
) {
  const next = Math.min(column + 1, model.width - 1)
  interpolate(model.coefficients, above + column, below + column, part, left)
  interpolate(model.coefficients, above + next, below + next, part, right)
  const [red, green] = [Number(left[0]), Number(left[1])]
  const [blue, offset] = [Number(left[2]), Number(left[3])]
  const [moreRed, moreGreen] = [Number(right[0]) - red, Number(right[1]) - green]
  const [moreBlue, moreOffset] = [Number(right[2]) - blue, Number(right[3]) - offset]
  for (let x = Number(starts[column]); x < Number(starts[column + 1]); x++) {
    const at = channels * (from + x)
    const further = Number(across[x])
    const value =
      (Number(data[at]) * (red + further * moreRed) +
        Number(data[at + 1]) * (green + further * moreGreen) +
        Number(data[at + 2]) * (blue + further * moreBlue)) /
        255 +
      offset +
      further * moreOffset
    alpha[from + x] = (value - NOTHING) * toAlpha
  }
}

/** Most pixels lie between four cells that are settled alike, and need no colour. */
function applyRow(overlay: Overlay, row: Row, photo: Photo, alpha: Uint8ClampedArray) {
  const { model, settled, starts } = overlay
  const { above, below, from } = row
  for (let column = 0; column < model.width; column++) {
    const next = Math.min(column + 1, model.width - 1)
    const alike = settled[above + column]
    const others = settled[above + next] === alike && settled[below + column] === alike
    if (alike === OPEN || !others || settled[below + next] !== alike)
      applyColumn(overlay, row, photo, alpha, column)
    else if (alike === OPAQUE)
      for (let x = Number(starts[column]); x < Number(starts[column + 1]); x++)
        alpha[from + x] = 255
  }
}

/**
 * A mask at the photo's full size, 0 to 255, with its border on the photo's edges. Photos with
 * transparency keep it.
 */
export async function refineAlpha(
  photo: Photo,
  mask: Mask,
  memory: Memory,
): Promise<Uint8ClampedArray> {
  const { bytes: guide } = await scaled(photo.copy, mask.region, mask.plane)
  const radius = Math.max(2, Math.round(RADIUS * Math.max(mask.plane.width, mask.plane.height)))
  const model = guidedFilter(mask.plane, guide, radius, EPSILON, memory)
  const alpha = memory.bytes(photo.width * photo.height).fill(0)
  const cut = pixelsOf(photo, mask.region)
  const across = positions(cut.width, 0, 1, model.width)
  const down = positions(cut.height, 0, 1, model.height)
  const starts = startsOf(across.low, model.width)
  const [left, right] = [new Float64Array(4), new Float64Array(4)]
  const settled = settle(model, memory)
  const overlay = { model, settled, starts, across: across.part, left, right }
  for (let y = 0; y < cut.height; y++) {
    const above = Number(down.low[y]) * model.width
    const below = Number(down.high[y]) * model.width
    const from = (cut.top + y) * photo.width + cut.left
    applyRow(overlay, { above, below, part: Number(down.part[y]), from }, photo, alpha)
  }
  if (photo.channels === 4) keepTransparency(photo, alpha)
  return alpha
}

function keepTransparency({ data }: Photo, alpha: Uint8ClampedArray) {
  for (let pixel = 0, own = 3; pixel < alpha.length; pixel++, own += 4)
    alpha[pixel] = (Number(alpha[pixel]) * Number(data[own])) / 255
}
