import { FRESH, type Memory } from './arena.js'
import type { Plane } from './plane.js'
import type { Region } from './region.js'

/** A connected part of a plane: `cells` are its places, `weight` the sum and `peak` the most of its values. */
export interface Component {
  readonly cells: Int32Array
  readonly weight: number
  readonly peak: number
  readonly region: Region
}

/** Marks, from one cell, all that hang together by their sides; `stack` ends with their places. */
function flood(
  plane: Plane,
  from: number,
  least: number,
  seen: Uint8ClampedArray,
  stack: Int32Array,
) {
  const { width, values } = plane
  const last = values.length - 1
  let filled = 0
  const visit = (cell: number) => {
    if (seen[cell] || Number(values[cell]) < least) return
    seen[cell] = 1
    stack[filled++] = cell
  }
  visit(from)
  for (let next = 0; next < filled; next++) {
    const cell = Number(stack[next])
    const column = cell % width
    if (column > 0) visit(cell - 1)
    if (column < width - 1) visit(cell + 1)
    if (cell >= width) visit(cell - width)
    if (cell + width <= last) visit(cell + width)
  }
  return stack.slice(0, filled)
}

function measure({ width, height, values }: Plane, cells: Int32Array): Component {
  let [weight, peak, left, right] = [0, 0, width, 0]
  for (const cell of cells) {
    const value = Number(values[cell])
    const column = cell % width
    weight += value
    peak = Math.max(peak, value)
    left = Math.min(left, column)
    right = Math.max(right, column)
  }
  let [first, final] = [height, 0]
  for (const cell of cells) {
    const row = Math.floor(cell / width)
    first = Math.min(first, row)
    final = Math.max(final, row)
  }
  const region = {
    left: left / width,
    top: first / height,
    right: (right + 1) / width,
    bottom: (final + 1) / height,
  }
  return { cells, weight, peak, region }
}

/** The connected parts of a plane where it is at least `least`, the heaviest first. */
export function components(plane: Plane, least: number, memory: Memory = FRESH): Component[] {
  const seen = memory.bytes(plane.values.length).fill(0)
  const stack = memory.ints(plane.values.length)
  const found: Component[] = []
  for (let cell = 0; cell < seen.length; cell++) {
    if (seen[cell] || Number(plane.values[cell]) < least) continue
    found.push(measure(plane, flood(plane, cell, least, seen, stack)))
  }
  return found.sort((one, other) => other.weight - one.weight)
}
