import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { fetchRelease, NATS_VERSION } from './nats-release.mjs'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-release-'))
  return () => {
    rmSync(folder, { recursive: true })
    vi.unstubAllGlobals()
  }
})

test('an archive that is not the released one is refused, and nothing of it is kept', async () => {
  const fetched = vi.fn(async (_url) => new Response('not the release'))
  vi.stubGlobal('fetch', fetched)
  const fetching = fetchRelease(join(folder, 'nats-server'), () => {})
  await expect(fetching).rejects.toThrow(/has SHA-256 [0-9a-f]{64}, not [0-9a-f]{64}/)
  expect(fetched.mock.calls[0][0]).toContain(`/v${NATS_VERSION}/nats-server-v${NATS_VERSION}-`)
  expect(readdirSync(folder)).toEqual([])
})

test('a machine without a route learns why', async () => {
  const cause = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('fetch failed', { cause })))
  await expect(fetchRelease(join(folder, 'nats-server'), () => {})).rejects.toThrow('ENOTFOUND')
})
