import { describe, expect, it, vi } from 'vitest'
import { NetworkError } from '../errors/network-error.js'
import { RefreshReusedError, SessionEndedError } from '../errors/refused-error.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { Session } from './session.js'
import { memoryStore, type Tokens } from './token-store.js'

const tokens = (name: string, leftMs = 900_000): Tokens => ({
  accessToken: `access-${name}`,
  accessTokenExpiresAt: new Date(Date.now() + leftMs).toISOString(),
  refreshToken: `refresh-${name}`,
})

function stage(refreshed: (refreshToken: string | null) => Tokens | Promise<Tokens>) {
  const store = memoryStore()
  const refresh = vi.fn(async (refreshToken: string | null) => refreshed(refreshToken))
  const onChange = vi.fn()
  const session = new Session({ store, refresh, onChange, byCookie: false })
  return { session, store, refresh, onChange }
}

const ended = new SessionEndedError({
  __typename: 'SessionEndedError',
  code: 'SESSION_ENDED',
  message: 'Over.',
})

describe('a session', () => {
  it('gives its token without asking anybody while that is good', async () => {
    const { session, refresh } = stage(() => tokens('b'))
    await session.set(tokens('a'))
    expect(session.accessToken()).toBe('access-a')
    expect(refresh).not.toHaveBeenCalled()
  })

  it('goes on with stored tokens', async () => {
    const { session, store } = stage(() => tokens('b'))
    await store.save(tokens('kept'))
    expect(await session.accessToken()).toBe('access-kept')
  })

  it('is renewed before its token expires, and stores the new one', async () => {
    const { session, store, refresh } = stage(() => tokens('b'))
    await session.set(tokens('a', 10_000))
    expect(await session.accessToken()).toBe('access-b')
    expect(refresh).toHaveBeenCalledExactlyOnceWith('refresh-a')
    expect(await store.load()).toMatchObject({ refreshToken: 'refresh-b' })
  })

  it('is renewed once for all who were refused at the same time', async () => {
    const { session, refresh } = stage(() => tokens('b'))
    await session.set(tokens('a'))
    const renewed = await Promise.all([session.renew('access-a'), session.renew('access-a')])
    expect(renewed).toEqual(['access-b', 'access-b'])
    expect(await session.renew('access-a')).toBe('access-b')
    expect(refresh).toHaveBeenCalledOnce()
  })

  it('takes over what another tab has renewed', async () => {
    const { session, store, refresh } = stage(() => tokens('b'))
    await session.set(tokens('a'))
    await store.save(tokens('other'))
    expect(await session.renew('access-a')).toBe('access-other')
    expect(refresh).not.toHaveBeenCalled()
  })

  it('signs out when it is over, and says so', async () => {
    const { session, store, onChange } = stage(() => Promise.reject(ended))
    await session.set(tokens('a'))
    await expect(session.renew('access-a')).rejects.toBe(ended)
    expect(session.accessToken()).toBe(null)
    expect(await store.load()).toBe(null)
    expect(onChange).toHaveBeenLastCalledWith(null)
    await expect(session.renew(null)).rejects.toBeInstanceOf(UnauthenticatedError)
  })

  it('is over as well when its refresh token came back used', async () => {
    const reused = { code: 'REFRESH_REUSED', message: 'Used.' }
    const error = new RefreshReusedError({ __typename: 'RefreshReusedError', ...reused })
    const { session } = stage(() => Promise.reject(error))
    await session.set(tokens('a'))
    const thrown = await session.renew('access-a').catch((it: unknown) => it)
    expect(thrown).toBeInstanceOf(SessionEndedError)
    expect(thrown).toMatchObject({ ...reused, cause: error })
    expect(session.accessToken()).toBe(null)
  })

  it('survives a renewal that the network lost, while its token is good', async () => {
    const { session } = stage(() => Promise.reject(new NetworkError('Away.')))
    await session.set(tokens('a', 10_000))
    expect(await session.accessToken()).toBe('access-a')
    await session.set(tokens('old', -1))
    await expect(Promise.resolve(session.accessToken())).rejects.toBeInstanceOf(NetworkError)
  })

  it('is renewed once, not for every call, where the clock is ahead by more than a token lives', async () => {
    const { session, refresh } = stage(() => tokens('b', -60_000))
    await session.set(tokens('a', -60_000))
    expect(await session.accessToken()).toBe('access-b')
    expect(session.accessToken()).toBe('access-b')
    expect(refresh).toHaveBeenCalledOnce()
  })

  it('that begins while another is renewed is not replaced by it', async () => {
    let resolve = (_: Tokens) => {}
    const promise = new Promise<Tokens>((it) => {
      resolve = it
    })
    const { session, refresh } = stage(() => promise)
    await session.set(tokens('a'))
    const renewing = session.renew('access-a')
    await vi.waitFor(() => expect(refresh).toHaveBeenCalled())
    await session.set(tokens('next'))
    resolve(tokens('b'))
    expect(await renewing).toBe('access-next')
    expect(session.accessToken()).toBe('access-next')
  })

  it('may be known by a cookie alone', async () => {
    const refresh = vi.fn(async () => ({ ...tokens('c'), refreshToken: null }))
    const store = memoryStore()
    const session = new Session({ store, refresh, onChange: () => {}, byCookie: true })
    expect(await session.accessToken()).toBe('access-c')
    expect(refresh).toHaveBeenCalledExactlyOnceWith(null)
  })

  it('is none when the cookie is none', async () => {
    const refresh = () => Promise.reject(ended)
    const session = new Session({ store: memoryStore(), refresh, onChange() {}, byCookie: true })
    expect(await session.accessToken()).toBe(null)
  })
})
