import { describe, expect, it } from 'vitest'
import { Signals } from './signals.js'

describe('Signals', () => {
  it('counts several signals before a look as one', async () => {
    const signals = new Signals()
    const watch = signals.watch('a')
    signals.notify('a')
    signals.notify('a')
    expect(await watch.next()).toBe(true)
    const second = watch.next()
    watch.close()
    expect(await second).toBe(false)
  })

  it('wakes only the watchers of the topic', async () => {
    const signals = new Signals()
    const [a, b] = [signals.watch('a'), signals.watch('b')]
    const woken: string[] = []
    void a.next().then(() => woken.push('a'))
    const other = b.next().then((open) => woken.push(`b ${open}`))
    signals.notify('b')
    await other
    expect(woken).toEqual(['b true'])
  })

  it('passes over changes that do not concern a watcher, but for a general call', async () => {
    const signals = new Signals()
    const ends = signals.watch('a', ({ to }) => to === 'SUCCEEDED')
    const change = { userId: 'u', seq: 1, predictionId: 'a' }
    let woken = 0
    const wait = async () => {
      await ends.next()
      woken += 1
    }
    const first = wait()
    signals.notify('a', { ...change, to: 'QUEUED' })
    await new Promise(setImmediate)
    expect(woken).toBe(0)
    signals.notify('a', { ...change, to: 'SUCCEEDED' })
    await first
    const second = wait()
    signals.notifyAll()
    await second
    expect(woken).toBe(2)
  })

  it('wakes everyone against lost hints', async () => {
    const signals = new Signals()
    const waiting = ['a', 'b', 'b'].map((topic) => signals.watch(topic).next())
    signals.notifyAll()
    expect(await Promise.all(waiting)).toEqual([true, true, true])
  })

  it('keeps nothing of a topic that nobody watches any more', () => {
    const signals = new Signals()
    const watches = [signals.watch('a'), signals.watch('a')]
    for (const watch of watches) watch.close()
    expect(signals.size).toBe(0)
  })

  it('goes on serving a topic whose first watcher closed twice', async () => {
    const signals = new Signals()
    const first = signals.watch('a')
    first.close()
    const second = signals.watch('a')
    first.close()
    const next = second.next()
    signals.notify('a')
    expect(await next).toBe(true)
  })
})
