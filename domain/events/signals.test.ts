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
