import { request } from 'node:http'
import { encodeCursor } from '@presage/domain/events/cursor'
import type { LogPosition } from '@presage/domain/events/read-lanes'
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { Api } from '../../kit/api.js'
import { serve, TestNats } from '../../kit/in-process-server.js'
import { openKit } from '../../kit/kit.js'
import { EVENTS, follow, numbersOf, type Transport, take, topUpMany, upTo } from './log.js'

// Ten thousand events, or many waits, on a slow machine.
vi.setConfig({ testTimeout: 180_000 })

const kit = await openKit()

const MISSED = 10_000
const PAGE = 256
/** Too much for the buffers of the system: 40 MB in all. */
const WIDTH = 4_000

/** Asks for the log and then reads nothing of it. */
const stall: Record<Transport, (url: string, accessToken: string, after: string) => Promise<void>> =
  {
    ws: async (url, accessToken, after) => {
      const socket = new WebSocket(
        `${url.replace('http', 'ws')}/graphql`,
        GRAPHQL_TRANSPORT_WS_PROTOCOL,
      )
      onTestFinished(() => socket.terminate())
      const say = (message: object) => socket.send(JSON.stringify(message))
      await new Promise((resolve) => socket.once('open', resolve))
      say({ type: 'connection_init', payload: { accessToken } })
      await new Promise((resolve) => socket.once('message', resolve))
      say({ id: '1', type: 'subscribe', payload: { query: EVENTS, variables: { after } } })
      await new Promise((resolve) => socket.once('message', resolve))
      socket.pause()
    },
    sse: (url, accessToken, after) =>
      new Promise((resolve) => {
        const headers = {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          authorization: `Bearer ${accessToken}`,
        }
        const asking = request(`${url}/graphql`, { method: 'POST', headers }, (response) => {
          response.pause()
          resolve()
        })
        asking.on('error', () => {})
        onTestFinished(() => void asking.destroy())
        asking.end(JSON.stringify({ query: EVENTS, variables: { after } }))
      }),
  }

describe.each<Transport>(['ws', 'sse'])('a reader over %s that does not read', (via) => {
  it('has the server read no more of the log than the line can hold', async () => {
    const { url, domain } = await serve(kit, (await TestNats.start()).url)
    const read = vi.spyOn(domain.reads.log, 'submit')
    const pagesOf = (userId: string) =>
      read.mock.calls.filter(([position]: [LogPosition]) => position.userId === userId).length
    const [slow, quick] = [await kit.user(), await kit.user()]
    for (const { userId } of [slow, quick]) await topUpMany(kit, userId, MISSED, WIDTH)
    const startOf = (userId: string) => encodeCursor(userId, { seq: 0n, part: 1 })

    await stall[via](url, slow.accessToken, startOf(slow.userId))
    // Meanwhile another reads its log to the end: one without bounds would have been read as well.
    const api = new Api(url, quick.accessToken)
    onTestFinished(() => api.close())
    const feed = follow(via, api, { after: startOf(quick.userId) })
    expect(numbersOf(await take(feed, MISSED + 1))).toEqual(upTo(MISSED))
    expect(pagesOf(quick.userId)).toBeGreaterThanOrEqual(MISSED / PAGE)
    expect(pagesOf(slow.userId)).toBeLessThan(MISSED / PAGE / 2)
  })
})
