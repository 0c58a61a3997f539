import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Turnstile } from './turnstile.js'

it('lets two in, one of each key, and the others in their order', async () => {
  const turnstile = new Turnstile(2, 1)
  const inside: string[] = []
  const enter = (name: string) =>
    turnstile.enter(name.charAt(0)).then((leave) => {
      inside.push(name)
      return () => {
        inside.splice(inside.indexOf(name), 1)
        leave()
      }
    })
  const a1 = enter('a1')
  const a2 = enter('a2')
  const b1 = enter('b1')
  const c1 = enter('c1')
  await turn()
  expect(inside).toEqual(['a1', 'b1'])
  ;(await a1)()
  await turn()
  expect(inside).toEqual(['b1', 'a2'])
  ;(await b1)()
  await turn()
  expect(inside).toEqual(['a2', 'c1'])
  ;(await a2)()
  ;(await c1)()
  await turn()
  expect(inside).toEqual([])
})
