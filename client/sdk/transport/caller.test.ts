import { describe, expect, it, vi } from 'vitest'
import { NetworkError } from '../errors/network-error.js'
import { RequestError } from '../errors/request-error.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { Session } from '../session/session.js'
import { memoryStore, type Tokens } from '../session/token-store.js'
import { Caller } from './caller.js'
import { Http } from './http.js'

const operation = { query: 'mutation M { m }', operationName: 'M' }

const tokens = (name: string): Tokens => ({
  accessToken: name,
  accessTokenExpiresAt: new Date(Date.now() + 900_000).toISOString(),
  refreshToken: `refresh-${name}`,
})

interface Sent {
  token: string | undefined
  body: unknown
}

const failed = (code: string) => ({ errors: [{ message: code, extensions: { code } }] })

/** A caller whose server answers by script; an Error is a fault of the network. */
async function stage(answers: (unknown | Error)[]) {
  const sent: Sent[] = []
  const answering = async (_url: unknown, init?: RequestInit): Promise<Response> => {
    const token = new Headers(init?.headers).get('authorization')?.replace('Bearer ', '')
    sent.push({ token, body: JSON.parse(String(init?.body)) })
    const answer = answers.length > 1 ? answers.shift() : answers[0]
    if (answer instanceof Error) throw answer
    return typeof answer === 'string'
      ? new Response(answer, { status: 502 })
      : Response.json(answer)
  }
  const http = new Http({ url: 'http://x', fetch: answering, withCookies: false, timeoutMs: 5000 })
  const refresh = vi.fn(async () => tokens('new'))
  const session = new Session({ store: memoryStore(), refresh, onChange() {}, byCookie: false })
  await session.set(tokens('old'))
  const parts = { http, session, socket: undefined, transport: 'http' as const, retryForMs: 5000 }
  return { caller: new Caller(parts), session, refresh, sent }
}

const cut = new TypeError('fetch failed')

describe('a call', () => {
  it('is sent again as it was after faults of the network and of a proxy, when it may be', async () => {
    const { caller, sent } = await stage([cut, '<h1>Bad gateway</h1>', { data: { m: 1 } }])
    const variables = { run: { idempotencyKey: 'k-1' } }
    expect(await caller.data(operation, variables, { repeat: true })).toEqual({ m: 1 })
    expect(sent.map(({ body }) => body)).toEqual(Array(3).fill({ ...operation, variables }))
  })

  it('is sent once when nobody can tell whether it was carried out', async () => {
    const { caller, sent } = await stage([cut])
    await expect(caller.data(operation, {}, {})).rejects.toBeInstanceOf(NetworkError)
    expect(sent).toHaveLength(1)
  })

  it('waits for a server that cannot answer now', async () => {
    const { caller } = await stage([failed('UNAVAILABLE'), { data: { m: 1 } }])
    expect(await caller.data(operation, {}, { repeat: true })).toEqual({ m: 1 })
  })

  it('gives up what the server gets wrong three times', async () => {
    const { caller, sent } = await stage([failed('INTERNAL')])
    const call = caller.data(operation, {}, { repeat: true })
    await expect(call).rejects.toBeInstanceOf(RequestError)
    expect(sent).toHaveLength(3)
  })

  it('is not repeated when it was refused', async () => {
    const { caller, sent } = await stage([failed('FORBIDDEN')])
    const call = caller.data(operation, {}, { repeat: true })
    await expect(call).rejects.toMatchObject({ code: 'FORBIDDEN' })
    expect(sent).toHaveLength(1)
  })

  it('goes on with a new token, renewed once for two at the same time', async () => {
    const refused = failed('UNAUTHENTICATED')
    const { caller, refresh, sent } = await stage([refused, refused, { data: { m: 1 } }])
    const call = () => caller.data(operation, {}, {})
    expect(await Promise.all([call(), call()])).toEqual([{ m: 1 }, { m: 1 }])
    expect(refresh).toHaveBeenCalledOnce()
    expect(sent.map(({ token }) => token)).toEqual(['old', 'old', 'new', 'new'])
  })

  it('goes on with a new token when only the empty answer shows that the old was not good', async () => {
    const { caller, sent } = await stage([{ data: { viewer: null } }, { data: { viewer: {} } }])
    const isSignedOut = (data: unknown) => JSON.stringify(data).includes('null')
    expect(await caller.data(operation, {}, { isSignedOut })).toEqual({ viewer: {} })
    expect(sent.map(({ token }) => token)).toEqual(['old', 'new'])
  })

  it('is never sent again for another user', async () => {
    const { caller, session, sent } = await stage([cut])
    const call = caller.data(operation, {}, { repeat: true })
    await session.set(tokens('somebody else'))
    await expect(call).rejects.toBeInstanceOf(NetworkError)
    expect(sent).toHaveLength(1)
  })

  it('says that there is no session', async () => {
    const { caller, session } = await stage([failed('UNAUTHENTICATED')])
    await session.set(null)
    await expect(caller.data(operation, {}, {})).rejects.toBeInstanceOf(UnauthenticatedError)
  })

  it('stops at once when it is told to, with the reason given', async () => {
    const { caller, sent } = await stage([cut])
    const controller = new AbortController()
    const call = caller.data(operation, {}, { repeat: true, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    expect(sent.length).toBeLessThan(2)
  })
})
