import { describe, expect, it, vi } from 'vitest'
import { SessionEnds } from './session-ends.js'

const access = (sessionId: string, lastsMs = 900_000) => ({
  userId: 'u',
  sessionId,
  expiresAt: new Date(Date.now() + lastsMs),
})

describe('SessionEnds', () => {
  it('tells all that stands on the session, once, and nobody else', () => {
    const ends = new SessionEnds()
    const over: string[] = []
    ends.on(access('a'), () => over.push('a1'))
    ends.on(access('a'), () => over.push('a2'))
    ends.on(access('b'), () => over.push('b'))
    ends.end('a')
    ends.end('a')
    expect(over).toEqual(['a1', 'a2'])
  })

  it('tells when the token expires', () => {
    vi.useFakeTimers()
    try {
      const ends = new SessionEnds()
      const over = vi.fn()
      ends.on(access('a', 5000), over)
      vi.advanceTimersByTime(4999)
      expect(over).not.toHaveBeenCalled()
      vi.advanceTimersByTime(1)
      expect(over).toHaveBeenCalledOnce()
      expect(ends.size).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  it('waits for what expires later than a timer can wait', () => {
    vi.useFakeTimers()
    try {
      const ends = new SessionEnds()
      const over = vi.fn()
      ends.on(access('a', 60 * 86_400_000), over)
      ends.on({ ...access('b'), expiresAt: new Date(8.64e15) }, over)
      vi.advanceTimersByTime(60 * 86_400_000 - 1)
      expect(over).not.toHaveBeenCalled()
      vi.advanceTimersByTime(1)
      expect(over).toHaveBeenCalledOnce()
    } finally {
      vi.useRealTimers()
    }
  })

  it('keeps nothing of what was closed', () => {
    const ends = new SessionEnds()
    const over = vi.fn()
    ends.on(access('a'), over)()
    expect(ends.size).toBe(0)
    ends.end('a')
    expect(over).not.toHaveBeenCalled()
  })
})
