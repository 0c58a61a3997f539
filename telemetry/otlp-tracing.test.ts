import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openTracing, type Tracing } from './tracing.js'
import type { TracingSettings } from './tracing-settings.js'

const NOBODY_THERE = 'http://127.0.0.1:1/v1/traces'

const open = async (
  settings: Partial<TracingSettings>,
  report: (fault: string) => void = () => {},
): Promise<Tracing> => {
  const rest = { headers: {}, resource: {}, sampler: 'parentbased_always_on', ratio: 1 } as const
  const tracing = await openTracing({ url: NOBODY_THERE, ...rest, ...settings }, report)
  if (!tracing) throw new Error('traces are not kept')
  onTestFinished(() => tracing.close())
  return tracing
}

const begin = (tracing: Tracing, parent?: string) =>
  tracing.begin({ name: 'step', kind: 'internal', parent, attributes: {} })

const isKept = ({ traceparent }: { traceparent: string }) => traceparent.endsWith('-01')

const PARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7'

describe('a trace', () => {
  it('goes on from its parent, and begins where there is none', async () => {
    const tracing = await open({})
    const child = begin(tracing, `${PARENT}-01`)
    expect(child.traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/)
    expect(child.traceparent).not.toContain('00f067aa0ba902b7')
    expect(begin(tracing).traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  })

  it('is kept as its beginning decided, where the sampler asks its parent', async () => {
    const none = await open({ sampler: 'parentbased_always_off' })
    expect([isKept(begin(none)), isKept(begin(none, `${PARENT}-01`))]).toEqual([false, true])
    const all = await open({ sampler: 'parentbased_always_on' })
    expect([isKept(begin(all)), isKept(begin(all, `${PARENT}-00`))]).toEqual([true, false])
    const stubborn = await open({ sampler: 'always_on' })
    expect(isKept(begin(stubborn, `${PARENT}-00`))).toBe(true)
    const deaf = await open({ sampler: 'always_off' })
    expect(isKept(begin(deaf, `${PARENT}-01`))).toBe(false)
  })

  it('is kept by its id in a share, the same in every process', async () => {
    const [here, there] = [
      await open({ sampler: 'parentbased_traceidratio', ratio: 0.25 }),
      await open({ sampler: 'traceidratio', ratio: 0.25 }),
    ]
    const roots = Array.from({ length: 2000 }, () => begin(here))
    const kept = roots.filter(isKept)
    // Six standard deviations.
    expect(Math.abs(kept.length - 500)).toBeLessThan(120)
    for (const root of roots) {
      expect(isKept(begin(here, root.traceparent))).toBe(isKept(root))
      expect(isKept(begin(there, root.traceparent))).toBe(isKept(root))
    }
  })
})

/** A collector that answers with this status, and what it was sent. */
async function collector(status: number): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    bodies.push(body)
    response.writeHead(status).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, bodies }
}

describe('a collector', () => {
  it('that refuses is told of once', async () => {
    const faults: string[] = []
    const { url, bodies } = await collector(400)
    const tracing = await open({ url }, (fault) => faults.push(fault))
    for (let sent = 1; sent <= 2; sent++) {
      begin(tracing).end()
      await vi.waitFor(() => expect(bodies).toHaveLength(sent), 20_000)
    }
    await tracing.close()
    expect(faults).toEqual([expect.stringContaining('400')])
  })

  it('gets what has ended when the process leaves', async () => {
    const { url, bodies } = await collector(200)
    const tracing = await open({ url })
    begin(tracing).end({ 'presage.verdict': 'retry' }, 'why not')
    begin(tracing)
    await tracing.close()
    const [body = '', ...more] = bodies
    expect(more).toEqual([])
    expect(body.match(/"name":"step"/g)).toHaveLength(1)
    expect(body).toContain('"status":{"code":2,"message":"why not"}')
    expect(body).toContain('presage.verdict')
  })
})
