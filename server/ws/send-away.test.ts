import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { GOING_AWAY, type Leaving, notBegun, sendAway } from './send-away.js'

/** A socket with these operations, and the code that it was closed with. */
function socketWith(operations: Record<string, unknown>) {
  const closed: number[] = []
  const webSocket = { readyState: 1, OPEN: 1, close: (code: number) => closed.push(code) }
  const socket: Leaving = {
    webSocket: webSocket as unknown as WebSocket,
    operations: () => operations,
    left: new Set(),
  }
  return { socket, closed, webSocket }
}

it('closes once what was asked before is answered; streams are not waited for', async () => {
  const operations: Record<string, unknown> = { asked: null, stream: {} }
  const { socket, closed } = socketWith(operations)
  const leaving = sendAway(socket)
  await sleep(30)
  expect(closed).toEqual([])
  delete operations.asked
  await leaving
  expect(closed).toEqual([GOING_AWAY])
})

it('begins nothing that is asked now, and does not wait for it', async () => {
  const { socket, closed } = socketWith({ late: null })
  let isBegun = false
  void notBegun(socket, 'late').then(() => {
    isBegun = true
  })
  await sendAway(socket)
  expect([isBegun, closed]).toEqual([false, [GOING_AWAY]])
})

it('waits no longer when the client has left', async () => {
  const { socket, webSocket } = socketWith({ asked: null })
  webSocket.readyState = 3
  await sendAway(socket)
})
