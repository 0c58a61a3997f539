import { FRESH, type Memory } from './arena.js'
import { heightOf, type Region, WHOLE, widthOf } from './region.js'

/** Numbers in rows from the top left, covering a part of a photo. */
export interface Plane {
  readonly width: number
  readonly height: number
  readonly values: Float32Array
}

/** Between which two cells each target cell lies, and how far behind the first, for linear interpolation. */
export function positions(cells: number, from: number, to: number, source: number) {
  const low = new Int32Array(cells)
  const high = new Int32Array(cells)
  const part = new Float32Array(cells)
  const step = ((to - from) * source) / cells
  for (let cell = 0; cell < cells; cell++) {
    const place = from * source + (cell + 0.5) * step - 0.5
    const floor = Math.floor(place)
    low[cell] = Math.min(source - 1, Math.max(0, floor))
    high[cell] = Math.min(source - 1, Math.max(0, floor + 1))
    part[cell] = Math.max(0, place - Number(low[cell]))
  }
  return { low, high, part }
}

/**
 * A region of a plane at another size, bilinear. The region is in fractions of what the plane
 * covers and may reach beyond it, where the nearest values are repeated.
 */
export function resample(
  plane: Plane,
  width: number,
  height: number,
  region = WHOLE,
  memory: Memory = FRESH,
): Plane {
  const { values: source, width: stride } = plane
  const across = positions(width, region.left, region.right, plane.width)
  const down = positions(height, region.top, region.bottom, plane.height)
  const values = memory.floats(width * height)
  for (let y = 0, at = 0; y < height; y++) {
    const above = Number(down.low[y]) * stride
    const below = Number(down.high[y]) * stride
    const lower = Number(down.part[y])
    for (let x = 0; x < width; x++, at++) {
      const left = Number(across.low[x])
      const right = Number(across.high[x])
      const further = Number(across.part[x])
      const top = Number(source[above + left])
      const bottom = Number(source[below + left])
      const one = top + further * (Number(source[above + right]) - top)
      const two = bottom + further * (Number(source[below + right]) - bottom)
      values[at] = one + lower * (two - one)
    }
  }
  return { width, height, values }
}

/** `inner` in fractions of `outer`. */
export function within(inner: Region, outer: Region): Region {
  const [wide, high] = [widthOf(outer), heightOf(outer)]
  return {
    left: (inner.left - outer.left) / wide,
    top: (inner.top - outer.top) / high,
    right: (inner.right - outer.left) / wide,
    bottom: (inner.bottom - outer.top) / high,
  }
}
