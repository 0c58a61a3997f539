import { describe, expect, it, vi } from 'vitest'
import { ConnectionLostError } from '../errors/network-error.js'
import { Session } from '../session/session.js'
import { memoryStore } from '../session/token-store.js'
import type { Variables } from '../transport/operation.js'
import type { Sink, StreamLink } from '../transport/stream-link.js'
import { Streams } from './streams.js'

/** A link whose server is played by the test. */
class PlayedLink implements StreamLink {
  readonly opened: { variables: Variables; sink: Sink; isClosed: boolean }[] = []
  readonly forgotten: (string | null)[] = []

  open(_operation: unknown, variables: Variables, sink: Sink): () => void {
    const stream = { variables, sink, isClosed: false }
    this.opened.push(stream)
    return () => {
      stream.isClosed = true
    }
  }

  forget(token: string | null): void {
    this.forgotten.push(token)
  }

  /** The stream that was opened as the nth. */
  async nth(n: number) {
    await vi.waitFor(() => expect(this.opened).toHaveLength(n), { timeout: 10_000 })
    const stream = this.opened[n - 1]
    if (!stream) throw new Error(`no stream ${n}`)
    return stream
  }
}

const tokens = (name: string) => ({
  accessToken: name,
  accessTokenExpiresAt: new Date(Date.now() + 900_000).toISOString(),
  refreshToken: 'r',
})

async function stage() {
  const link = new PlayedLink()
  const refresh = vi.fn(async () => tokens('new'))
  const session = new Session({ store: memoryStore(), refresh, onChange() {}, byCookie: false })
  await session.set(tokens('old'))
  const streams = new Streams({ link, session, retryForMs: 0 })
  const seen: unknown[] = []
  let cursor = 0
  const onFail = vi.fn()
  const source = streams.follow({
    operation: { query: 'subscription S { s }', operationName: 'S' },
    variables: () => ({ after: cursor }),
    onData: (data) => {
      seen.push(data)
      cursor = Number(data)
    },
    onFail,
  })
  return { link, refresh, streams, seen, onFail, source }
}

const lost = (code: number, token: string | null = 'old') =>
  new ConnectionLostError(`closed ${code}`, { code, token })

describe('a followed subscription', () => {
  it('goes on behind the newest that it has seen, after each cut', async () => {
    const { link, seen, onFail } = await stage()
    const first = await link.nth(1)
    first.sink.next({ data: 1 }, 'old')
    first.sink.next({ data: 2 }, 'old')
    first.sink.lost(lost(1006))
    const second = await link.nth(2)
    expect(second.variables).toEqual({ after: 2 })
    second.sink.next({ data: 3 }, 'old')
    second.sink.complete()
    expect((await link.nth(3)).variables).toEqual({ after: 3 })
    expect(seen).toEqual([1, 2, 3])
    expect(onFail).not.toHaveBeenCalled()
  })

  it('hears nothing more of a stream that was given up', async () => {
    const { link, seen } = await stage()
    const first = await link.nth(1)
    first.sink.next({ data: 1 }, 'old')
    first.sink.lost(lost(1006))
    await link.nth(2)
    first.sink.next({ data: 99 }, 'old')
    first.sink.lost(lost(1006))
    expect(seen).toEqual([1])
    expect(link.opened).toHaveLength(2)
    expect(first.isClosed).toBe(true)
  })

  it('renews the session when the server closes with 4403, once', async () => {
    const { link, refresh, onFail } = await stage()
    ;(await link.nth(1)).sink.lost(lost(4403))
    await link.nth(2)
    expect(refresh).toHaveBeenCalledOnce()
    expect(onFail).not.toHaveBeenCalled()
  })

  it('renews the session when an event is UNAUTHENTICATED, and gives that connection up', async () => {
    const { link, refresh } = await stage()
    const extensions = { code: 'UNAUTHENTICATED' }
    ;(await link.nth(1)).sink.next({ errors: [{ message: 'over', extensions }] }, 'old')
    await link.nth(2)
    expect(refresh).toHaveBeenCalledOnce()
    expect(link.forgotten).toEqual(['old'])
  })

  it('fails when new tokens are refused as well', async () => {
    const { link, onFail } = await stage()
    for (const [n, token] of [
      [1, 'old'],
      [2, 'new'],
      [3, 'new'],
    ] as const)
      (await link.nth(n)).sink.lost(lost(4403, token))
    expect(onFail).toHaveBeenCalledExactlyOnceWith(expect.any(ConnectionLostError))
  })

  it('fails when the server refuses it', async () => {
    const { link, onFail } = await stage()
    const first = await link.nth(1)
    first.sink.next({ errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] }, 'old')
    expect(onFail).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ code: 'FORBIDDEN' }))
    expect(first.isClosed).toBe(true)
  })

  it('fails when it was never open within the time for retries', async () => {
    const { link, onFail } = await stage()
    ;(await link.nth(1)).sink.lost(lost(1006))
    expect(onFail).toHaveBeenCalledOnce()
  })

  it('is not opened again once it was stopped', async () => {
    const { link, source, onFail } = await stage()
    const first = await link.nth(1)
    source.stop()
    first.sink.lost(lost(1006))
    expect(first.isClosed).toBe(true)
    expect(link.opened).toHaveLength(1)
    expect(onFail).not.toHaveBeenCalled()
  })

  it('is closed while it is paused, and goes on behind what it has told', async () => {
    const { link, seen, source, onFail } = await stage()
    const first = await link.nth(1)
    first.sink.next({ data: 1 }, 'old')
    source.pause()
    expect(first.isClosed).toBe(true)
    first.sink.next({ data: 2 }, 'old')
    first.sink.lost(lost(1006))
    expect(link.opened).toHaveLength(1)
    source.resume()
    const second = await link.nth(2)
    expect(second.variables).toEqual({ after: 1 })
    second.sink.next({ data: 2 }, 'old')
    expect(seen).toEqual([1, 2])
    source.pause()
    source.stop()
    source.resume()
    expect(link.opened).toHaveLength(2)
    expect(onFail).not.toHaveBeenCalled()
  })

  it('ends with the session that it belongs to', async () => {
    const { streams, onFail } = await stage()
    const error = lost(4403)
    streams.failAll(error)
    expect(onFail).toHaveBeenCalledExactlyOnceWith(error)
  })
})
