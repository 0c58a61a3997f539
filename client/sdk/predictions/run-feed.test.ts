import { describe, expect, it, vi } from 'vitest'
import type { Follow, Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import type { Prediction, Progress } from './prediction.js'
import { RunFeed } from './run-feed.js'

const queued = (id: string): Prediction => ({
  id,
  status: 'QUEUED',
  revision: 1,
  charge: { price: 1, held: 1, captured: 0, released: 0 },
  output: null,
  explanation: null,
  failure: null,
  startedAt: null,
  finishedAt: null,
  model: null,
  variant: null,
  version: '1.0.0',
  input: {},
  createdAt: '2026-11-20T12:00:00Z',
  deadline: null,
})

function progress(id: string, status: Progress['status'], revision: number): Progress {
  const { model, variant, version, input, createdAt, deadline, ...rest } = queued(id)
  return { ...rest, status, revision }
}

/** A feed whose subscription, mutations and reads are played by the test. */
function stage() {
  const follows: (Follow & { isStopped: boolean })[] = []
  const streams: Pick<Streams, 'follow'> = {
    follow(follow) {
      const following = { ...follow, isStopped: false }
      follows.push(following)
      const stop = () => {
        following.isStopped = true
      }
      return { stop, pause() {}, resume() {} }
    },
  }
  const call = vi.fn(async (_document: unknown, { id }: { id: string }) => ({
    prediction: { ...queued(id), ...progress(id, 'SUCCEEDED', 2) },
  }))
  const feed = new RunFeed(streams as Streams, { call } as unknown as Caller)
  const tell = (events: object) => follows.at(-1)?.onData({ events })
  const open = (cursor = 'c0') => tell({ __typename: 'FeedOpened', cursor })
  const change = (prediction: Progress, cursor = 'c1') =>
    tell({ __typename: 'PredictionChanged', cursor, prediction })
  const run = (mutation: () => Promise<Prediction>) => {
    const states: string[] = []
    const onFail = vi.fn()
    const stop = feed.run(mutation, {
      onState: ({ status }) => {
        states.push(status)
        if (status === 'SUCCEEDED') stop()
      },
      onFail,
    })
    return { states, onFail, stop }
  }
  return { feed, follows, call, tell, open, change, run }
}

const soon = (met: () => void) => vi.waitFor(met, { timeout: 5000 })

describe('the feed of runs', () => {
  it('listens before it sends, so that no end is missed', async () => {
    const { run, open, change } = stage()
    const mutation = vi.fn(async () => queued('a'))
    const { states } = run(mutation)
    await Promise.resolve()
    expect(mutation).not.toHaveBeenCalled()
    open()
    await soon(() => expect(states).toEqual(['QUEUED']))
    change(progress('a', 'SUCCEEDED', 2))
    expect(states).toEqual(['QUEUED', 'SUCCEEDED'])
  })

  it('knows an end that came before the answer to the mutation', async () => {
    const { run, open, change } = stage()
    let answer = (_: Prediction) => {}
    const mutation = () =>
      new Promise<Prediction>((resolve) => {
        answer = resolve
      })
    const { states } = run(vi.fn(mutation))
    open()
    await new Promise((resolve) => setTimeout(resolve))
    change(progress('a', 'SUCCEEDED', 2))
    answer(queued('a'))
    await soon(() => expect(states).toEqual(['QUEUED', 'SUCCEEDED']))
  })

  it('follows any number of runs through one subscription', async () => {
    const { run, open, change, follows } = stage()
    const runs = Array.from({ length: 100 }, (_, i) => run(async () => queued(`p${i}`)))
    open()
    await soon(() => expect(runs.every(({ states }) => states.length === 1)).toBe(true))
    for (const i of runs.keys()) change(progress(`p${i}`, 'SUCCEEDED', 2))
    expect(runs.every(({ states }) => states.at(-1) === 'SUCCEEDED')).toBe(true)
    expect(follows).toHaveLength(1)
  })

  it('does not go back to an older state', async () => {
    const { run, open, change } = stage()
    const { states } = run(async () => queued('a'))
    open()
    await soon(() => expect(states).toHaveLength(1))
    change(progress('a', 'RUNNING', 2))
    change(progress('a', 'RUNNING', 2))
    expect(states).toEqual(['QUEUED', 'RUNNING'])
  })

  it('goes on behind the newest event, also when the server has opened it again', async () => {
    const { run, open, change, follows } = stage()
    run(async () => queued('a'))
    expect(follows[0]?.variables()).toEqual({ after: null })
    open('c0')
    change(progress('b', 'SUCCEEDED', 2), 'c7')
    expect(follows[0]?.variables()).toEqual({ after: 'c7' })
  })

  it('reads what it may have missed when its cursor is too old', async () => {
    const { run, open, tell, follows, call } = stage()
    const { states } = run(async () => queued('a'))
    open()
    await soon(() => expect(states).toHaveLength(1))
    tell({ __typename: 'InvalidCursorError', code: 'INVALID_CURSOR', message: '', expired: true })
    expect(follows.map(({ isStopped }) => isStopped)).toEqual([true, false])
    expect(follows[1]?.variables()).toEqual({ after: null })
    expect(call).not.toHaveBeenCalled()
    open()
    await soon(() => expect(states).toEqual(['QUEUED', 'SUCCEEDED']))
  })

  it('tells every run when it cannot go on, and starts anew for the next', async () => {
    const { run, open, follows } = stage()
    const first = run(async () => queued('a'))
    open()
    await soon(() => expect(first.states).toHaveLength(1))
    const error = new Error('signed out')
    follows[0]?.onFail(error)
    expect(first.onFail).toHaveBeenCalledExactlyOnceWith(error)
    const next = run(async () => queued('b'))
    open()
    await soon(() => expect(next.states).toEqual(['QUEUED']))
    expect(follows).toHaveLength(2)
  })

  it('fails a run whose mutation was refused, and only that', async () => {
    const { run, open } = stage()
    const good = run(async () => queued('a'))
    const bad = run(() => Promise.reject(new Error('refused')))
    open()
    await soon(() => expect(bad.onFail).toHaveBeenCalledOnce())
    expect(good.states).toEqual(['QUEUED'])
    expect(good.onFail).not.toHaveBeenCalled()
  })

  it('ends its subscription when nothing runs any more', async () => {
    const { run, open, change, follows } = stage()
    const { states } = run(async () => queued('a'))
    open()
    await soon(() => expect(states).toHaveLength(1))
    change(progress('a', 'SUCCEEDED', 2))
    expect(follows[0]?.isStopped).toBe(false)
    await soon(() => expect(follows[0]?.isStopped).toBe(true))
  })
})
