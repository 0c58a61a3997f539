import { expect, it } from 'vitest'
import { growthOf, workerMemory } from './worker-memory.js'

/** A sample: `pnpm bench models` makes 10,000 of each kind. */
const PREDICTIONS = 600
const PICTURES = 100
/** What the compiler notes of code that becomes hot, 274 kB at most; 450 kept outcomes take more. */
const NOISE = 500_000

it('keeps nothing of a prediction, of whatever kind', async () => {
  const kinds: string[] = []
  for await (const reading of workerMemory(PREDICTIONS, PICTURES)) {
    kinds.push(reading.kind)
    const tensors = new Set(reading.quarters.map((quarter) => quarter.tensors))
    expect(tensors.size, `tensors of ${reading.kind}`).toBe(1)
    expect(growthOf(reading), reading.kind).toBeLessThan(NOISE)
  }
  expect(kinds).toEqual(
    expect.arrayContaining([
      ...['predicted', 'explained', 'what-if'].map((what) => `depression-risk compare, ${what}`),
      'credit-default boosted, counterfactual',
      'portrait-cutout standard, predicted',
    ]),
  )
}, 240_000)
