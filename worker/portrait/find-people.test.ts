import { describe, expect, it } from 'vitest'
import { findPeople } from './find-people.js'
import type { Plane } from './plane.js'
import { type Region, shareOf } from './region.js'

const SIDE = 100

/** A look in which these boxes, in cells, show people. */
function look(
  ...boxes: { x: number; y: number; wide: number; high: number; seen?: number }[]
): Plane {
  const values = new Float32Array(SIDE * SIDE)
  for (const { x, y, wide, high, seen = 0.9 } of boxes)
    for (let row = y; row < y + high; row++)
      values.fill(seen, row * SIDE + x, row * SIDE + x + wide)
  return { width: SIDE, height: SIDE, values }
}

const holds = (region: Region | undefined, x: number, y: number) =>
  region !== undefined &&
  [region.left <= x, region.right >= x, region.top <= y, region.bottom >= y].every(Boolean)

describe('the people of a look', () => {
  it('are nobody where nothing is seen, or next to nothing', () => {
    expect(findPeople(look(), 1)).toEqual([])
    expect(findPeople(look({ x: 3, y: 3, wide: 4, high: 4 }), 1)).toEqual([])
    expect(findPeople(look({ x: 30, y: 3, wide: 40, high: 80, seen: 0.2 }), 1)).toEqual([])
  })

  it('are looked at with a margin, within the photo', () => {
    const [person] = findPeople(look({ x: 30, y: 20, wide: 40, high: 60 }), 1)
    expect(holds(person, 0.25, 0.15) && holds(person, 0.75, 0.85)).toBe(true)
    const [atTheEdge] = findPeople(look({ x: 0, y: 40, wide: 30, high: 60 }), 1)
    expect(atTheEdge).toMatchObject({ left: 0, bottom: 1 })
  })

  it('are each a region of their own when they stand apart, the most visible first', () => {
    const people = findPeople(
      look({ x: 5, y: 40, wide: 12, high: 40 }, { x: 60, y: 10, wide: 25, high: 85 }),
      1,
    )
    expect(people).toHaveLength(2)
    expect([holds(people[0], 0.7, 0.5), holds(people[1], 0.1, 0.6)]).toEqual([true, true])
  })

  it('are one region when they stand before each other', () => {
    const people = findPeople(
      look({ x: 20, y: 20, wide: 30, high: 70 }, { x: 45, y: 30, wide: 30, high: 60 }),
      1,
    )
    expect(people).toHaveLength(1)
    expect(holds(people[0], 0.2, 0.5) && holds(people[0], 0.74, 0.5)).toBe(true)
  })

  it('are widened when they are more slender than the network knows', () => {
    const [pole] = findPeople(look({ x: 48, y: 30, wide: 6, high: 40 }), 2)
    if (!pole) throw new Error('nobody')
    const [wide, high] = [2 * (pole.right - pole.left), pole.bottom - pole.top]
    expect(wide / high).toBeCloseTo(0.5, 5)
    expect(shareOf(pole)).toBeLessThanOrEqual(1)
  })
})
