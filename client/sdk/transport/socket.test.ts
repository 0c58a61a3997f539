import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { ConnectionLostError } from '../errors/network-error.js'
import type { PresageError } from '../errors/presage-error.js'
import type { Reply } from './reply.js'
import { Socket } from './socket.js'

const operation = { query: 'subscription S { s }', operationName: 'S' }

interface Message {
  id: string
  type: string
  payload: { accessToken?: string; variables?: unknown }
}

/** A server that speaks the protocol and leaves the answers to the test. */
class PlayedServer {
  readonly connections: { socket: WebSocket; accessToken: string | undefined }[] = []
  readonly subscribed: { id: string; variables: unknown; send(payload: unknown): void }[] = []
  readonly completed: string[] = []
  readonly #server = new WebSocketServer({ port: 0, handleProtocols: ([first]) => first ?? false })

  constructor() {
    this.#server.on('connection', (socket) => {
      socket.on('message', (data) => this.#take(socket, JSON.parse(String(data))))
    })
  }

  async url(): Promise<string> {
    if (!this.#server.address()) await once(this.#server, 'listening')
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Ends an operation as the server. */
  complete(id: string): void {
    this.connections.at(-1)?.socket.send(JSON.stringify({ id, type: 'complete' }))
  }

  async stop(): Promise<void> {
    for (const client of this.#server.clients) client.terminate()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #take(socket: WebSocket, { id, type, payload }: Message): void {
    if (type === 'connection_init') {
      this.connections.push({ socket, accessToken: payload?.accessToken })
      socket.send(JSON.stringify({ type: 'connection_ack' }))
    }
    if (type === 'complete') this.completed.push(id)
    if (type !== 'subscribe') return
    const send = (reply: unknown) =>
      socket.send(JSON.stringify({ id, type: 'next', payload: reply }))
    this.subscribed.push({ id, variables: payload.variables, send })
  }
}

const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function stage() {
  const server = new PlayedServer()
  stops.push(() => server.stop())
  const accessToken = vi.fn((): string | null => 'token-1')
  const socket = new Socket({ url: await server.url(), accessToken, idleMs: 0 })
  stops.push(() => socket.drop())
  return { server, socket, accessToken }
}

function recorder() {
  const replies: Reply[] = []
  const lost: PresageError[] = []
  const complete = vi.fn()
  const sink = {
    next: (reply: Reply) => replies.push(reply),
    lost: (error: PresageError) => lost.push(error),
    complete,
  }
  return { replies, lost, complete, sink }
}

const until = (met: () => void) => vi.waitFor(met, { timeout: 5000 })

describe('a socket', () => {
  it('carries many operations over one connection, with the session’s token', async () => {
    const { server, socket } = await stage()
    const sent = [1, 2, 3].map((n) => socket.send(operation, { n }))
    await until(() => expect(server.subscribed).toHaveLength(3))
    for (const { id, variables, send } of [...server.subscribed].reverse()) {
      send({ data: variables })
      server.complete(id)
    }
    const replies = await Promise.all(sent)
    expect(replies.map(({ reply }) => reply.data)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }])
    expect(replies[0]?.token).toBe('token-1')
    expect(server.connections.map(({ accessToken }) => accessToken)).toEqual(['token-1'])
  })

  it.each([1000, 1001, 1012, 4403])(
    'closed with %d tells each operation once, and opens none of them again',
    async (code) => {
      const { server, socket } = await stage()
      const { lost, sink } = recorder()
      const sending = socket.send(operation, {}).catch((error: unknown) => error)
      socket.open(operation, {}, sink)
      await until(() => expect(server.subscribed).toHaveLength(2))
      server.connections[0]?.socket.close(code)
      await until(() => expect(lost).toHaveLength(1))
      expect(await sending).toBeInstanceOf(ConnectionLostError)
      expect(lost[0]).toMatchObject({ isForbidden: code === 4403, closed: { token: 'token-1' } })
      const again = recorder()
      socket.open(operation, {}, again.sink)
      await until(() => expect(server.subscribed).toHaveLength(3))
      expect(server.connections).toHaveLength(2)
      expect(lost).toHaveLength(1)
    },
  )

  it('comes back with the token that is good then', async () => {
    const { server, socket, accessToken } = await stage()
    const { lost, sink } = recorder()
    socket.open(operation, {}, sink)
    await until(() => expect(server.connections).toHaveLength(1))
    accessToken.mockReturnValue('token-2')
    socket.forget('token-0')
    expect(lost).toHaveLength(0)
    socket.forget('token-1')
    expect(lost).toHaveLength(1)
    socket.open(operation, {}, recorder().sink)
    await until(() => expect(server.connections[1]?.accessToken).toBe('token-2'))
  })

  it('tells errors of GraphQL as such, before it gives the operation up', async () => {
    const { server, socket } = await stage()
    const { replies, lost, sink } = recorder()
    socket.open(operation, {}, sink)
    await until(() => expect(server.subscribed).toHaveLength(1))
    const id = server.subscribed[0]?.id
    const error = { id, type: 'error', payload: [{ message: 'no such field' }] }
    server.connections[0]?.socket.send(JSON.stringify(error))
    await until(() => expect(lost).toHaveLength(1))
    expect(replies).toEqual([{ errors: [{ message: 'no such field' }] }])
  })

  it('tells the server when nobody listens any more', async () => {
    const { server, socket } = await stage()
    const { replies, sink } = recorder()
    const close = socket.open(operation, {}, sink)
    await until(() => expect(server.subscribed).toHaveLength(1))
    close()
    server.subscribed[0]?.send({ data: 1 })
    await until(() => expect(server.completed).toEqual([server.subscribed[0]?.id]))
    expect(replies).toEqual([])
  })

  it('stops a call with the reason of its signal', async () => {
    const { server, socket } = await stage()
    const controller = new AbortController()
    const call = socket.send(operation, {}, controller.signal)
    await until(() => expect(server.subscribed).toHaveLength(1))
    controller.abort(new Error('enough'))
    await expect(call).rejects.toThrow('enough')
    await until(() => expect(server.completed).toHaveLength(1))
  })

  it('tells when there is no server', async () => {
    const { server, socket } = await stage()
    await server.stop()
    stops.length = 0
    await expect(socket.send(operation, {})).rejects.toBeInstanceOf(ConnectionLostError)
  })
})
