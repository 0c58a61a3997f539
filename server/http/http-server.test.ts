import { expect, it, onTestFinished } from 'vitest'
import { HttpServer } from './http-server.js'

/** As the rest of a server is to it, when all is well. */
const parts = {
  graphql: async (_request: unknown, response: { end(text: string): void }) =>
    response.end('answered'),
  graphiql: { wants: () => false },
  socket: { upgrade() {}, close: async () => {} },
  readiness: async () => ({ ready: true, database: true, jobs: true }),
}

it('says at /ready that it leaves, and answers as before until proxies have seen it', async () => {
  const http = new HttpServer(parts as unknown as ConstructorParameters<typeof HttpServer>[0])
  const url = await http.listen(0, '127.0.0.1')
  onTestFinished(() => http.close(1_000))
  expect((await fetch(`${url}/ready`)).status).toBe(200)
  // It goes on for longer than the test.
  void http.drain(600_000)
  const ready = await fetch(`${url}/ready`)
  expect([ready.status, await ready.json()]).toMatchObject([503, { ready: false, database: true }])
  const answer = await fetch(`${url}/graphql`)
  expect(await answer.text()).toBe('answered')
  expect(answer.headers.get('connection')).toBe('close')
})
