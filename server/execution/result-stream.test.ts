import { describe, expect, it } from 'vitest'
import { eachEvent, failable } from './result-stream.js'

/** A source of the given events that then waits until it is ended. */
function source(...events: unknown[]) {
  let wake: (result: IteratorResult<unknown>) => void = () => {}
  let returned = 0
  return {
    next: () =>
      events.length > 0
        ? Promise.resolve({ done: false as const, value: events.shift() })
        : new Promise<IteratorResult<unknown>>((resolve) => {
            wake = resolve
          }),
    return: () => {
      returned += 1
      wake({ done: true, value: undefined })
      return Promise.resolve({ done: true as const, value: undefined })
    },
    get returned() {
      return returned
    },
  }
}
const execute = async (event: unknown) => ({ data: { event } })
const asIs = (error: unknown) => error as Error

describe('a stream of results', () => {
  it('executes each event', async () => {
    const stream = eachEvent(source('a', 'b'), execute, asIs)
    expect((await stream.next()).value).toEqual({ data: { event: 'a' } })
    expect((await stream.next()).value).toEqual({ data: { event: 'b' } })
  })

  it('can be ended while it waits for an event', async () => {
    const events = source()
    const stream = eachEvent(events, execute, asIs)
    const waiting = stream.next()
    await stream.return()
    expect((await waiting).done).toBe(true)
    expect(events.returned).toBe(1)
  })

  it('ends its source when an event cannot be executed, and tells why', async () => {
    const events = source('a')
    const refuse = () => Promise.reject(new Error('no'))
    const stream = eachEvent(events, refuse, () => new Error('told'))
    await expect(stream.next()).rejects.toThrow('told')
    expect(events.returned).toBe(1)
  })

  it('can be made to fail while it waits, which ends its source', async () => {
    const events = source()
    let ends = 0
    const { stream, fail } = failable(eachEvent(events, execute, asIs), () => ends++)
    const waiting = stream.next()
    fail(new Error('over'))
    await expect(waiting).rejects.toThrow('over')
    expect([events.returned, ends]).toEqual([1, 1])
  })

  it('fails at its next result when it was made to fail before', async () => {
    const { stream, fail } = failable(eachEvent(source('a'), execute, asIs), () => {})
    fail(new Error('over'))
    await expect(stream.next()).rejects.toThrow('over')
  })

  it('says once that it has ended', async () => {
    let ends = 0
    const { stream } = failable(eachEvent(source(), execute, asIs), () => ends++)
    await stream.return()
    await stream.return()
    expect(ends).toBe(1)
  })
})
