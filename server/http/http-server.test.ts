import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
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
  expect(answer.headers.get('connection')).toBe('close')
})

it('answers on a connection that it took before it closed, and takes no other', async () => {
  const { http, url } = await listening()
  const port = Number(new URL(url).port)
  const proxy = connect(port, '127.0.0.1')
  await once(proxy, 'connect')
  await http.drain(0)
  const closed = http.close(1_000)
  proxy.write('GET /graphql HTTP/1.1\r\nhost: presage\r\n\r\n')
  const [answer] = await once(proxy, 'data')
  expect(String(answer)).toMatch(/^HTTP\/1.1 200 OK.*connection: close.*answered/is)
  await closed
  const [refused] = await once(connect(port, '127.0.0.1'), 'error')
  expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
})
