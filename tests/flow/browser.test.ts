import type { PresageOptions } from '@presage/client'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { noChromium, startChromium } from '../kit/chromium.js'
import { openKit } from '../kit/kit.js'
import type { PageReport } from '../kit/page-caller.js'
import { WebSite } from '../kit/web-site.js'

// The browser is unpacked first.
vi.setConfig({ testTimeout: 180_000 })

const kit = await openKit()
const [allowed, other] = [await WebSite.open(), await WebSite.open()]
let browser: Browser
let url = ''

beforeAll(async () => {
  if (noChromium) return
  browser = await startChromium()
  const stack = await kit.stack({ env: { CORS_ORIGINS: allowed.origin } })
  url = `${stack.servers[0]?.url}/graphql`
})
beforeEach(({ skip }) => skip(noChromium !== undefined, noChromium))
afterAll(async () => {
  await browser?.close()
  for (const site of [allowed, other]) site.close()
})

/** Evaluates an expression in the page of a site, and closes it. */
async function inPage<T>(site: WebSite, expression: string): Promise<T> {
  const page = await browser.newPage()
  await page.goto(site.origin)
  const result = await page.evaluate<T>(expression)
  await page.close()
  return result
}

let accounts = 0

const call = (site: WebSite, options: Partial<PresageOptions>) => {
  const args = [{ url, ...options }, `page-${accounts++}@browser.example`]
  const expression = `callFromPage(...${JSON.stringify(args)})`
  return inPage<PageReport | { fault: string }>(site, expression)
}

/** The first word that a page hears over a socket that it opens by itself. */
const socketFrom = (site: WebSite) =>
  inPage<string>(
    site,
    `new Promise((resolve) => {
      const socket = new WebSocket('${url.replace('http', 'ws')}', 'graphql-transport-ws')
      socket.onopen = () => socket.send('{"type":"connection_init"}')
      socket.onmessage = ({ data }) => resolve(data)
      socket.onclose = () => resolve('closed')
    })`,
  )

describe('the SDK in a page of a site that may use the API', () => {
  it.each([
    { subscriptions: 'ws', transport: 'http' },
    { subscriptions: 'sse', transport: 'http' },
    { subscriptions: 'ws', transport: 'ws' },
  ] as const)('calls and follows its log: %o', async (options) => {
    expect(await call(allowed, options)).toEqual({
      ...{ statuses: ['QUEUED', 'SUCCEEDED'], answered: 'SUCCEEDED', cookie: false },
    })
  })

  it('goes on with the session that only its cookie knows', async () => {
    expect(await call(allowed, { delivery: 'COOKIE' })).toMatchObject({
      ...{ answered: 'SUCCEEDED', cookie: true },
    })
  })

  it('may open a socket by itself', async () => {
    expect(await socketFrom(allowed)).toContain('connection_ack')
  })
})

describe('a page of any other site', () => {
  it('reads no answer, and opens no socket', async () => {
    expect(await call(other, {})).toEqual({ fault: 'NETWORK' })
    expect(await socketFrom(other)).toBe('closed')
  })
})
