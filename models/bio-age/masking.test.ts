import { expect, it } from 'vitest'
import { seededRandom, shuffle } from '../random/random.js'
import { OPTIONAL } from './dataset.js'
import { drawKept, INPUT_SETS, masked } from './masking.js'

it('drops what was not kept and leaves the rest', () => {
  const values = { albumin: 4, age: 50, sex: 'female', hba1c: 5, bmi: 25 }
  expect(masked(values, new Set(['bmi']))).toEqual({ albumin: 4, age: 50, sex: 'female', bmi: 25 })
})

it('shows every input set and every optional feature, and not always the same', () => {
  const random = seededRandom(3)
  const drawn = Array.from({ length: 2000 }, () => drawKept(random))
  for (const set of Object.values(INPUT_SETS)) expect(drawn).toContain(set)
  for (const feature of OPTIONAL) {
    const share = drawn.filter((kept) => kept.has(feature)).length / drawn.length
    expect(share).toBeGreaterThan(0.4)
    expect(share).toBeLessThan(0.8)
  }
})

it('draws and shuffles the same with the same seed', () => {
  const run = () =>
    shuffle(
      Uint32Array.from({ length: 50 }, (_, i) => i),
      seededRandom(5),
    )
  expect(run()).toEqual(run())
  expect([...run()].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i))
})
