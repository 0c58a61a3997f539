import { describe, expect, it, vi } from 'vitest'
import { Channel, type Inlet } from './channel.js'

function stage(signal?: AbortSignal) {
  const inlets: Inlet<number>[] = []
  const source = { stop: vi.fn(), pause: vi.fn(), resume: vi.fn() }
  const start = vi.fn((inlet: Inlet<number>) => {
    inlets.push(inlet)
    return source
  })
  const channel = new Channel(start, signal)
  const inlet: Inlet<number> = {
    push: (item) => inlets[0]?.push(item),
    end: () => inlets[0]?.end(),
    fail: (error) => inlets[0]?.fail(error),
  }
  return { channel, inlet, start, ...source }
}

describe('a channel', () => {
  it('starts with the first reading, not before', async () => {
    const { channel, inlet, start } = stage()
    expect(start).not.toHaveBeenCalled()
    const first = channel.next()
    expect(start).toHaveBeenCalledOnce()
    inlet.push(1)
    expect(await first).toEqual({ done: false, value: 1 })
  })

  it('keeps what comes faster than it is read, and stops its source when that has ended', async () => {
    const { channel, inlet, stop } = stage()
    const first = channel.next()
    for (const item of [1, 2, 3]) inlet.push(item)
    inlet.end()
    expect(stop).toHaveBeenCalledOnce()
    const read = [(await first).value]
    for await (const item of channel) read.push(item)
    expect(read).toEqual([1, 2, 3])
  })

  it('pauses its source behind a slow reader, and resumes it when half has been read', async () => {
    const { channel, inlet, pause, resume } = stage()
    const first = channel.next()
    inlet.push(0)
    await first
    for (let item = 1; item <= 511; item++) inlet.push(item)
    expect(pause).not.toHaveBeenCalled()
    inlet.push(512)
    expect(pause).toHaveBeenCalledOnce()
    for (let item = 1; item < 256; item++) await channel.next()
    expect(resume).not.toHaveBeenCalled()
    expect((await channel.next()).value).toBe(256)
    expect(resume).toHaveBeenCalledOnce()
    expect(pause).toHaveBeenCalledOnce()
  })

  it('pauses a source that brings too much while it starts', async () => {
    const pause = vi.fn()
    const channel = new Channel<number>((inlet) => {
      for (let item = 0; item <= 512; item++) inlet.push(item)
      return { stop() {}, pause }
    })
    await channel.next()
    expect(pause).toHaveBeenCalledOnce()
  })

  it('tells what came before a failure, then the failure once, then nothing', async () => {
    const { channel, inlet } = stage()
    const first = channel.next()
    inlet.push(1)
    inlet.push(2)
    inlet.fail(new Error('cut'))
    expect((await first).value).toBe(1)
    expect((await channel.next()).value).toBe(2)
    await expect(channel.next()).rejects.toThrow('cut')
    expect(await channel.next()).toEqual({ done: true, value: undefined })
  })

  it('wakes a waiting reader at once when it is returned', async () => {
    const { channel, inlet, stop } = stage()
    const waiting = channel.next()
    await channel.return()
    expect(await waiting).toEqual({ done: true, value: undefined })
    expect(stop).toHaveBeenCalledOnce()
    inlet.push(1)
    expect((await channel.next()).done).toBe(true)
  })

  it('fails with the reason of its signal', async () => {
    const controller = new AbortController()
    const { channel, stop } = stage(controller.signal)
    const waiting = channel.next()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    expect(stop).toHaveBeenCalledOnce()
  })

  it('does not start under a signal that is aborted already', async () => {
    const { channel, start } = stage(AbortSignal.abort(new Error('never')))
    await expect(channel.next()).rejects.toThrow('never')
    expect(start).not.toHaveBeenCalled()
  })

  it('stops a source that ends while it starts', async () => {
    const stop = vi.fn()
    const channel = new Channel<number>((inlet) => {
      inlet.push(1)
      inlet.end()
      return { stop }
    })
    expect((await channel.next()).value).toBe(1)
    expect((await channel.next()).done).toBe(true)
    expect(stop).toHaveBeenCalledOnce()
  })
})
