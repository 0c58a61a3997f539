import { describe, expect, it } from 'vitest'
import { RateLimitedError } from '../errors.js'
import { KeyRequests } from './key-requests.js'

const key = '7a1c2f0e-0000-4000-8000-000000000001'
const other = '7a1c2f0e-0000-4000-8000-000000000002'
const start = Date.parse('2026-11-24T12:00:00Z')

/** Servers whose clocks stand still until a test moves them. */
function servers(count: number) {
  let ms = 0
  const all = Array.from({ length: count }, (_, i) => ({
    server: `7a1c2f0e-0000-4000-8000-0000000001${String(i).padStart(2, '0')}`,
    requests: new KeyRequests(() => new Date(start + ms)),
  }))
  const tell = () => {
    for (const from of all) {
      const told = from.requests.takeUntold()
      for (const to of all)
        if (told && to !== from) to.requests.hear({ server: from.server, ...told })
    }
  }
  const pass = (by: number) => {
    ms += by
  }
  return { all: all.map(({ requests }) => requests), tell, pass }
}

/** How many of so many requests a server admits. */
function admitted(requests: KeyRequests | undefined, tries: number, keyId = key, limit = 10) {
  let count = 0
  for (let i = 0; i < tries; i++)
    try {
      requests?.admit(keyId, limit)
      count++
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error
    }
  return count
}

describe('the requests of a key', () => {
  it('are as many in a minute as it may have, and each key has its own', () => {
    const { all, pass } = servers(1)
    expect(admitted(all[0], 15)).toBe(10)
    expect(admitted(all[0], 5, other)).toBe(5)
    pass(59_999)
    expect(admitted(all[0], 1)).toBe(0)
    pass(1)
    expect(admitted(all[0], 15)).toBe(10)
  })

  it('are refused with the time until the next minute', () => {
    const { all, pass } = servers(1)
    pass(45_000)
    admitted(all[0], 10)
    expect(() => all[0]?.admit(key, 10)).toThrow(expect.objectContaining({ retryAfterMs: 15_000 }))
  })

  it('count on all servers together, once they have told each other', () => {
    const { all, tell } = servers(3)
    for (const server of all) expect(admitted(server, 3)).toBe(3)
    tell()
    expect(admitted(all[1], 5)).toBe(1)
    tell()
    for (const server of all) expect(admitted(server, 1)).toBe(0)
  })

  it('are made good when a word was lost or told twice', () => {
    const { all, tell } = servers(2)
    admitted(all[0], 4)
    all[0]?.takeUntold()
    admitted(all[0], 1)
    tell()
    tell()
    expect(admitted(all[1], 10)).toBe(5)
  })

  it('of another minute do not count', () => {
    const { all, pass } = servers(2)
    admitted(all[0], 10)
    const told = all[0]?.takeUntold()
    pass(60_000)
    if (told) all[1]?.hear({ server: key, ...told })
    expect(admitted(all[1], 10)).toBe(10)
    expect(all[0]?.takeUntold()).toBeNull()
  })
})
