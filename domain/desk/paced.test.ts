import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Signals } from '../events/signals.js'
import { deskChanged } from './desk-changed.js'
import { paced } from './paced.js'

it('puts off what comes soon after a reading, but not the last of it', async () => {
  const signals = new Signals()
  const domain = { signals, outbox: { announce: () => {} } } as unknown as Parameters<
    typeof deskChanged
  >[0]['domain']
  const ended: string[] = []
  const watch = (id: string) => {
    let reading = 0
    return paced({ signals }, id, async () => {
      reading += 1
      return `${id} ${reading}`
    })
  }
  const [waits, ends] = [watch('waits'), watch('ends')]
  expect((await waits.next()).value).toBe('waits 1')
  // The pause of the other is over later, so that it is told first by its end alone.
  await sleep(50)
  expect((await ends.next()).value).toBe('ends 1')
  const told = [waits, ends].map(async (each) => ended.push((await each.next()).value))
  deskChanged({ domain }, ['waits', 'ends'], ['ends'])
  await Promise.all(told)
  expect(ended).toEqual(['ends 2', 'waits 2'])
})
