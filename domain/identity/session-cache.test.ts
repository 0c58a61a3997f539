import { describe, expect, it } from 'vitest'
import { type LiveSession, SessionCache } from './session-cache.js'

const start = Date.parse('2026-11-20T12:00:00Z')

const session = (sessionId: string): LiveSession => ({
  viewer: { userId: `user of ${sessionId}`, sessionId, email: 'ada@example.com', isAdmin: false },
  expiresAt: new Date(start + 60_000),
})

/** A cache over sessions that live until they are ended; `statements` are the ids read together. */
function cacheOf(...ids: string[]) {
  const live = new Map(ids.map((id) => [id, session(id)]))
  const statements: string[][] = []
  let ms = 0
  let gate = Promise.resolve()
  const cache = new SessionCache(
    async (asked) => {
      statements.push(asked)
      const found = new Map(live)
      await gate
      return found
    },
    () => new Date(start + ms),
  )
  return {
    cache,
    statements,
    end: (id: string) => live.delete(id),
    pass: (by: number) => {
      ms += by
    },
    hold: () => {
      let resolve = () => {}
      gate = new Promise((done) => {
        resolve = done
      })
      return resolve
    },
  }
}

describe('SessionCache', () => {
  it('reads what many callers miss at once in one statement, each session once', async () => {
    const { cache, statements } = cacheOf('a', 'b')
    const viewers = await Promise.all(['a', 'b', 'a', 'c'].map((id) => cache.viewer(id)))
    expect(viewers.map((v) => v?.sessionId ?? null)).toEqual(['a', 'b', 'a', null])
    expect(statements).toEqual([['a', 'b', 'c']])
  })

  it('notices within 5 s that a session was ended elsewhere', async () => {
    const { cache, end, pass } = cacheOf('a')
    await cache.viewer('a')
    end('a')
    pass(4999)
    expect(await cache.viewer('a')).not.toBeNull()
    pass(1)
    expect(await cache.viewer('a')).toBeNull()
  })

  it('notices at once what it is told to forget', async () => {
    const { cache, end } = cacheOf('a')
    await cache.viewer('a')
    end('a')
    cache.forget('a')
    expect(await cache.viewer('a')).toBeNull()
  })

  it('does not keep what was being read while it was told to forget', async () => {
    const { cache, end, hold } = cacheOf('a')
    const release = hold()
    const early = cache.viewer('a')
    await Promise.resolve()
    await Promise.resolve()
    end('a')
    cache.forget('a')
    release()
    await early
    expect(await cache.viewer('a')).toBeNull()
  })

  it('asks no more about an unknown session than about a live one', async () => {
    const { cache, statements } = cacheOf()
    await cache.viewer('x')
    await cache.viewer('x')
    expect(statements).toHaveLength(1)
  })

  it('lets a session expire while it is remembered', async () => {
    const { cache, pass } = cacheOf('a')
    pass(58_000)
    expect(await cache.viewer('a')).not.toBeNull()
    pass(2000)
    expect(await cache.viewer('a')).toBeNull()
  })

  it('reads again after a read that failed', async () => {
    let fails = true
    const cache = new SessionCache(
      async (ids) => {
        if (fails) throw new Error('connection lost')
        return new Map(ids.map((id) => [id, session(id)]))
      },
      () => new Date(start),
    )
    await expect(cache.viewer('a')).rejects.toThrow('connection lost')
    fails = false
    expect(await cache.viewer('a')).not.toBeNull()
  })
})
