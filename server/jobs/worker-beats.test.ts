import type { WorkerBeat } from '@presage/messages/worker-beat'
import { expect, it } from 'vitest'
import { WorkerBeats } from './worker-beats.js'

const beat = (worker: string, leaving = false): WorkerBeat => ({
  ...{
    worker,
    leaving,
    backend: 'wasm',
    models: [],
    refused: [],
    inFlight: 0,
    computed: 0,
    perSecond: 0,
  },
  startedAt: '2026-01-01T00:00:00.000Z',
})

it('takes a worker for gone after 7 s of silence, and forgets it after ten minutes', () => {
  const beats = new WorkerBeats()
  beats.hear(beat('b'), 0)
  beats.hear(beat('a'), 6000)
  expect(beats.list(7000).map(({ worker, alive }) => [worker, alive])).toEqual([
    ['a', true],
    ['b', true],
  ])
  expect(beats.alive(7001)).toBe(1)
  expect(beats.list(600_001).map(({ worker }) => worker)).toEqual(['a'])
})

it('believes a worker that says it goes, and one that comes back', () => {
  const beats = new WorkerBeats()
  beats.hear(beat('a', true), 0)
  expect(beats.alive(1)).toBe(0)
  beats.hear(beat('a'), 2)
  expect(beats.alive(3)).toBe(1)
})

it('keeps a thousand at most, those heard last', () => {
  const beats = new WorkerBeats()
  for (let i = 0; i < 1100; i++) beats.hear(beat(`w${i}`), i)
  expect(beats.list(1100)).toHaveLength(1000)
  expect(beats.list(1100).some(({ worker }) => worker === 'w0')).toBe(false)
})
