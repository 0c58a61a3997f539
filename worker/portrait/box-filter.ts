/** A map of `channels` numbers a cell that can be made row by row, as often as it is asked for. */
export interface Rows {
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Writes row `y`, cell after cell. */
  fill(y: number, row: Float64Array): void
}

/** How many cells lie within `radius` of one, itself included. */
const reach = (cell: number, cells: number, radius: number) =>
  Math.min(cells - 1, cell + radius) - Math.max(0, cell - radius) + 1

/** Slides along a row, of whose columns the sums are known. */
function slide(
  columns: Float64Array,
  sums: Float64Array,
  radius: number,
  take: (x: number, count: number) => void,
) {
  const channels = sums.length
  const width = columns.length / channels
  sums.fill(0)
  for (let at = 0; at < Math.min(radius, width) * channels; at++)
    sums[at % channels] = Number(sums[at % channels]) + Number(columns[at])
  for (let x = 0; x < width; x++) {
    const ahead = (x + radius) * channels
    const behind = (x - radius - 1) * channels
    for (let channel = 0; channel < channels; channel++) {
      const more = x + radius < width ? Number(columns[ahead + channel]) : 0
      const less = x > radius ? Number(columns[behind + channel]) : 0
      sums[channel] = Number(sums[channel]) + more - less
    }
    take(x, reach(x, width, radius))
  }
}

/** Writes row `y` into `row`, or nothing behind the last, and the difference into the sums. */
function exchange(columns: Float64Array, row: Float64Array, { height, fill }: Rows, y: number) {
  for (let at = 0; at < row.length; at++) columns[at] = Number(columns[at]) - Number(row[at])
  if (y >= height) row.fill(0)
  else fill(y, row)
  for (let at = 0; at < row.length; at++) columns[at] = Number(columns[at]) + Number(row[at])
}

/**
 * The means over squares of 2 · radius + 1 cells, at the border over those there are. Nothing of
 * the map's size is kept, and the cost does not depend on the radius.
 * @param take hears of each cell, from the top left; `means` is written anew for the next.
 */
export function boxFilter(
  rows: Rows,
  radius: number,
  take: (cell: number, means: Float64Array) => void,
): void {
  const { width, height, channels } = rows
  const columns = new Float64Array(width * channels)
  const [sums, means] = [new Float64Array(channels), new Float64Array(channels)]
  // The rows of a square; the one that is left behind makes room for the one ahead.
  const square = Array.from({ length: 2 * radius + 1 }, () => new Float64Array(columns.length))
  for (let y = -radius; y < height; y++) {
    const row = square[(y + radius) % square.length]
    if (row) exchange(columns, row, rows, y + radius)
    if (y < 0) continue
    const high = reach(y, height, radius)
    slide(columns, sums, radius, (x, wide) => {
      const share = 1 / (wide * high)
      for (let channel = 0; channel < channels; channel++)
        means[channel] = Number(sums[channel]) * share
      take(y * width + x, means)
    })
  }
}
