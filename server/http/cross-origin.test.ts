import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { CrossOrigin } from './cross-origin.js'

const APP = 'https://app.example.com'

let server: Server | undefined
afterEach(() => server?.close())

/** Asks a real server as a browser does for the page of a site. */
async function ask(origins: string[], from: string, method: 'OPTIONS' | 'POST') {
  const policy = new CrossOrigin(origins)
  server = createServer((request, response) => {
    if (!policy.answer(request, response)) response.end('answered')
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const headers = { origin: from, 'access-control-request-method': 'POST' }
  const answer = await fetch(`http://127.0.0.1:${port}/graphql`, { method, headers })
  const permitted = answer.headers.get('access-control-allow-origin')
  const credentials = answer.headers.get('access-control-allow-credentials')
  const { status } = answer
  return { permitted, credentials, status, body: await answer.text(), headers: answer.headers }
}

describe('pages of other sites', () => {
  it('lets a page of a named site ask, with cookies', async () => {
    const answer = await ask([APP], APP, 'OPTIONS')
    expect(answer).toMatchObject({ permitted: APP, credentials: 'true', status: 204, body: '' })
    expect(answer.headers.get('access-control-allow-headers')).toContain('authorization')
    expect(answer.headers.get('vary')).toContain('Origin')
  })

  it('lets it read the answer', async () => {
    expect(await ask([APP], APP, 'POST')).toMatchObject({ permitted: APP, body: 'answered' })
  })

  it('permits nothing to another site', async () => {
    for (const from of ['https://evil.example.com', 'http://app.example.com', `${APP}.evil.com`])
      for (const method of ['OPTIONS', 'POST'] as const)
        expect(await ask([APP], from, method)).toMatchObject({ permitted: null, credentials: null })
  })

  it('permits every site without cookies when told so', async () => {
    const answer = await ask(['*'], 'https://any.example.com', 'POST')
    expect(answer).toMatchObject({ permitted: '*', credentials: null })
  })

  it('says nothing where no other site may come', async () => {
    const answer = await ask([], APP, 'OPTIONS')
    expect(answer).toMatchObject({ permitted: null, status: 200, body: 'answered' })
    expect(answer.headers.get('vary')).toBeNull()
  })
})

describe('a socket', () => {
  const asks = (origins: string[], headers: { host?: string; origin?: string }) =>
    new CrossOrigin(origins).permitsSocket({ headers } as IncomingMessage)
  const host = 'presage.example.com:8443'

  it('is opened to programs, to pages of this site and to those of named sites', () => {
    expect(asks([], { host })).toBe(true)
    expect(asks([], { host, origin: `https://${host}` })).toBe(true)
    expect(asks([APP], { host, origin: APP })).toBe(true)
    expect(asks(['*'], { host, origin: 'https://any.example.com' })).toBe(true)
    expect(asks(['*'], { host, origin: 'null' })).toBe(true)
  })

  it('is not opened to others', () => {
    for (const origin of ['https://presage.example.com', 'https://evil.example.com', 'null', ''])
      for (const origins of [[], [APP]]) expect(asks(origins, { host, origin })).toBe(false)
  })
})
