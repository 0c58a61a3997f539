import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it, onTestFinished, vi } from 'vitest'
import type { GraphQLSocket } from '../ws/graphql-socket.js'
import { CrossOrigin } from './cross-origin.js'
import type { GraphiQL } from './graphiql.js'
import { HttpServer } from './http-server.js'

const noPage = { wants: () => false } as unknown as GraphiQL
const noSockets = { close: async () => {} } as unknown as GraphQLSocket

/** A server whose GraphQL says `answered`; it takes requests. */
async function listening() {
  const http = new HttpServer({
    graphql: async (_request, response) => void response.end('answered'),
    files: async () => {},
    graphiql: noPage,
    crossOrigin: new CrossOrigin([]),
    socket: noSockets,
    readiness: async () => ({
      ...{ ready: true, database: true, migrations: true, broker: true, jobs: true },
      ...{ workers: true, workersSeen: 1, draining: false },
    }),
  })
  const url = await http.listen(0, '127.0.0.1')
  onTestFinished(() => http.close(1_000))
  return { http, url }
}

it('says at /ready that it leaves, and answers as before until proxies have seen it', async () => {
  const { http, url } = await listening()
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  // It goes on for longer than the test.
  void http.drain(600_000)
  const ready = await fetch(`${url}/ready`)
  expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false, database: true }])
  const answer = await fetch(`${url}/graphql`)
  expect(await answer.text()).toBe('answered')
  expect(answer.headers.get('connection')).toBe('keep-alive')
})

/** A connection as a proxy has one: it asks whenever it is told to. */
async function proxyTo(url: string) {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  const connected = once(socket, 'connect')
  const ask = async () => {
    socket.write('GET /graphql HTTP/1.1\r\nhost: presage\r\n\r\n')
    return String((await once(socket, 'data'))[0])
  }
  return { connected, ask, cut: once(socket, 'close') }
}

/** Resolves once nobody can connect any more. */
const shut = (url: string) =>
  vi.waitFor(async () => {
    const late = connect(Number(new URL(url).port), '127.0.0.1')
    const connected = once(late, 'connect').finally(() => late.destroy())
    await expect(connected).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

const LAST_ANSWER = /^HTTP\/1.1 200 OK.*connection: close.*answered/is

it('answers on a connection that it took before it closed, and takes no other', async () => {
  const { http, url } = await listening()
  const proxy = await proxyTo(url)
  await proxy.connected
  const closed = http.close(1_000)
  await shut(url)
  expect(await proxy.ask()).toMatch(LAST_ANSWER)
  await closed
})

it('answers on each of many connections that were made before it closed', async () => {
  const { http, url } = await listening()
  const proxies = await Promise.all(Array.from({ length: 20 }, () => proxyTo(url)))
  await Promise.all(proxies.map(({ connected }) => connected))
  const closed = http.close(1_000)
  await shut(url)
  for (const { ask } of proxies) expect(await ask()).toMatch(LAST_ANSWER)
  await closed
})

it('answers on connections that are kept until their next answer', async () => {
  const { http, url } = await listening()
  const proxy = await proxyTo(url)
  expect(await proxy.ask()).toMatch(/connection: keep-alive/i)
  const onLeft = vi.fn()
  // Longer than a test may take.
  const left = http.leave(600_000).then(onLeft)
  await shut(url)
  await sleep(50)
  expect(onLeft).not.toHaveBeenCalled()
  expect(await proxy.ask()).toMatch(LAST_ANSWER)
  await left
})

it('waits no longer than it is told for connections on which nothing is asked', async () => {
  const { http, url } = await listening()
  const proxy = await proxyTo(url)
  await proxy.ask()
  await http.leave(20)
  await http.close(1_000)
  await proxy.cut
})
