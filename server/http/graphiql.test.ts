import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { GraphiQL } from './graphiql.js'

const graphiql = new GraphiQL([{ query: '{ models { name } }' }])
const server = createServer((request, response) => void graphiql.answer(request, response))
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
afterAll(() => server.close())
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`
const page = await fetch(url)
const html = await page.text()

describe('GraphiQL', () => {
  it('asks no other host for anything', () => {
    const outside = html
      .replace(/<script>[\s\S]*<\/script>/, '')
      .match(/(?:src|href)\s*=\s*["'](?:https?:)?\/\/[^"']*|@import|url\(["']?https?:[^)]*/g)
    expect(outside).toBeNull()
    const policy = page.headers.get('content-security-policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/https?:|\*/)
  })

  it('is allowed to run its own script, and no other', () => {
    const script = /<script>([\s\S]*)<\/script>/.exec(html)?.[1] ?? ''
    const hash = createHash('sha256').update(script).digest('base64')
    expect(page.headers.get('content-security-policy')).toContain(`script-src 'sha256-${hash}';`)
  })

  it('offers the examples', () => {
    expect(html).toContain('models { name }')
  })

  it('is not sent again to a browser that has it', async () => {
    const again = await fetch(url, { headers: { 'if-none-match': page.headers.get('etag') ?? '' } })
    expect(again.status).toBe(304)
  })
})
