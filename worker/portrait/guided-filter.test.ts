import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { boxFilter } from './box-filter.js'
import { guidedFilter } from './guided-filter.js'

/** The means of a box, cell by cell, as it is defined. */
function plainMeans(source: Float32Array, width: number, height: number, radius: number) {
  return source.map((_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)]
    let [sum, count] = [0, 0]
    for (let row = Math.max(0, y - radius); row <= Math.min(height - 1, y + radius); row++)
      for (
        let column = Math.max(0, x - radius);
        column <= Math.min(width - 1, x + radius);
        column++
      ) {
        sum += Number(source[row * width + column])
        count += 1
      }
    return sum / count
  })
}

it('takes the means of boxes, of any size and radius', () => {
  const side = fc.integer({ min: 1, max: 12 })
  fc.assert(
    fc.property(
      side,
      side,
      fc.nat({ max: 15 }),
      fc.infiniteStream(fc.float({ min: 0, max: 1, noNaN: true })),
      (width, height, radius, values) => {
        const source = Float32Array.from({ length: width * height }, () =>
          Number(values.next().value),
        )
        const expected = plainMeans(source, width, height, radius)
        const fill = (y: number, row: Float64Array) => {
          const from = y * width
          for (let x = 0; x < width; x++) row.set([Number(source[from + x]), -y], 2 * x)
        }
        const cells: number[] = []
        boxFilter({ width, height, channels: 2, fill }, radius, (cell, [mean]) => {
          expect(mean).toBeCloseTo(Number(expected[cell]), 5)
          cells.push(cell)
        })
        expect(cells).toEqual([...source.keys()])
      },
    ),
    { numRuns: 60 },
  )
})

const SIDE = 40

/** A picture whose colours are of each cell's column and row. */
function picture(colour: (x: number, y: number) => [number, number, number]): Uint8Array {
  const rgb = Array.from({ length: SIDE * SIDE }, (_, at) =>
    colour(at % SIDE, Math.floor(at / SIDE)),
  )
  return Uint8Array.from(rgb.flat())
}

/** What the model makes of a cell of its own guide. */
function applied(mask: Float32Array, guide: Uint8Array) {
  const model = guidedFilter({ width: SIDE, height: SIDE, values: mask }, guide, 4, 1e-4)
  return (x: number, y: number) => {
    const at = y * SIDE + x
    const [r, g, b] = [0, 1, 2].map((channel) => Number(guide[3 * at + channel]) / 255)
    const [red = 0, green = 0, blue = 0, offset = 0] = model.coefficients.subarray(4 * at)
    return red * Number(r) + green * Number(g) + blue * Number(b) + offset
  }
}

describe('the guided filter', () => {
  it('moves the border of a mask onto the edge of the picture', () => {
    // The colours change behind column 19, the mask one column too late.
    const guide = picture((x) => (x < 20 ? [200, 60, 40] : [30, 90, 180]))
    const mask = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (at % SIDE < 21 ? 1 : 0))
    const value = applied(mask, guide)
    expect(value(19, 20) - value(20, 20)).toBeGreaterThan(0.5)
    expect(value(20, 20) - value(21, 20)).toBeLessThan(0.2)
  })

  it('only smooths where the picture has no edge', () => {
    const guide = picture(() => [90, 90, 90])
    const mask = Float32Array.from({ length: SIDE * SIDE }, (_, at) => (at % SIDE < 20 ? 1 : 0))
    const value = applied(mask, guide)
    for (let x = 1; x < SIDE; x++) expect(value(x - 1, 20) - value(x, 20)).toBeLessThan(0.13)
    expect([value(5, 20), value(35, 20)].map((each) => Math.round(100 * each))).toEqual([100, 0])
  })

  it('leaves a mask of one value as it is', () => {
    const guide = picture((x, y) => [(x * 37) % 256, (y * 91) % 256, (x * y) % 256])
    const value = applied(new Float32Array(SIDE * SIDE).fill(1), guide)
    expect(value(11, 23)).toBeCloseTo(1, 4)
  })
})
