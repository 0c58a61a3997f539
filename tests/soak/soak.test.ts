import { afterAll, expect, it } from 'vitest'
import { campaign } from '../chaos/campaign.js'
import { reckon } from '../chaos/reckoning.js'
import { Stack } from '../chaos/stack.js'
import { type Growth, watchMemory } from './memory.js'
import { keepForReport } from './report.js'

/** Minutes under load: a third of one in the sample, as many as asked for in `pnpm soak`. */
const MINUTES = Number(process.env.SOAK_MINUTES || 1 / 3)

/** 48 lanes with this pause make some 60 calls a second: work without pause, far from the limit. */
const PAUSE_MS = 750

/** Before that a process still grows into its work, and its memory says nothing. */
const TELLING_MINUTES = 10

/** V8 lets a heap of the same content vary by so much. */
const TOLERATED = 1.25

let stack: Stack | undefined
afterAll(() => stack?.stop())

const pidsOf = ({ servers, workers }: Stack) => ({
  ...Object.fromEntries(servers.map(({ pid }, i) => [`server ${i + 1}`, pid])),
  ...Object.fromEntries(workers.map(({ pid }, i) => [`worker ${i + 1}`, pid])),
})

it('works on for hours as in the first minute', {
  timeout: MINUTES * 120_000 + 300_000,
}, async () => {
  const soaked = await Stack.start()
  stack = soaked
  let memory: Growth[] = []
  const watch = async () => {
    memory = await watchMemory(pidsOf(soaked), MINUTES * 60_000, Math.max(1000, MINUTES * 1000))
  }
  const outcome = await reckon(await campaign(soaked, [watch], { rounds: 1, pauseMs: PAUSE_MS }))
  expect(outcome.accepted).toBeGreaterThan(0)
  expect(outcome.repeated).toEqual({})
  expect(outcome.feedsResumed).toBe(0)
  if (MINUTES >= TELLING_MINUTES)
    for (const { name, early, late } of memory) expect(late / early, name).toBeLessThan(TOLERATED)
  await keepForReport({ minutes: MINUTES, memory, ...outcome })
})
