import { Duplex } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { WebSocket } from 'ws'
import { FrameSocket } from './frame-socket.js'

/** A stream that counts its system calls, and a socket that writes each frame to it. */
function pair() {
  const calls: number[] = []
  const stream = new Duplex({
    read() {},
    write: (_chunk, _encoding, done) => done(void calls.push(1)),
    writev: (chunks, done) => done(void calls.push(chunks.length)),
  })
  const left: (() => void)[] = []
  const webSocket = {
    readyState: 1,
    OPEN: 1,
    bufferedAmount: 0,
    send(data: string, callback?: () => void) {
      stream.write(data)
      if (callback) left.push(callback)
    },
  }
  const frames = new FrameSocket(webSocket as unknown as WebSocket, stream)
  return { calls, frames, webSocket, left }
}

describe('a socket of frames', () => {
  it('sends those of one turn together, and those of the next again together', async () => {
    const { calls, frames } = pair()
    frames.send('a')
    await Promise.resolve().then(() => frames.send('b'))
    await turn()
    expect(calls).toEqual([2])
    frames.send('c')
    frames.send('d')
    frames.send('e')
    await turn()
    expect(calls).toEqual([2, 3])
  })

  it('makes a sender wait while the other side does not read', async () => {
    const { frames, webSocket, left } = pair()
    expect(frames.send('a')).toBeUndefined()
    webSocket.bufferedAmount = 2 ** 21
    const waiting = frames.send('b')
    expect(waiting).toBeInstanceOf(Promise)
    for (const callback of left) callback()
    await waiting
  })

  it('sends nothing when it is closed', async () => {
    const { calls, frames, webSocket } = pair()
    webSocket.readyState = 3
    frames.send('a')
    await turn()
    expect(calls).toEqual([])
  })
})
