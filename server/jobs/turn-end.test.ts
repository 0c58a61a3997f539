import { expect, it } from 'vitest'
import { TurnEnd } from './turn-end.js'

it('does all that was added together, in order, behind what the turn had to say', async () => {
  const turnEnd = new TurnEnd()
  const told: string[] = []
  const hint = turnEnd.add(() => {
    told.push('hint')
    queueMicrotask(() => told.push('sent'))
  })
  const verdict = Promise.resolve().then(() => turnEnd.add(() => told.push('verdict')))
  Promise.resolve().then(() => process.nextTick(() => told.push('caller')))
  await Promise.all([hint, verdict])
  expect(told).toEqual(['caller', 'hint', 'verdict', 'sent'])
})

it('does what is added meanwhile at the end of the next turn', async () => {
  const turnEnd = new TurnEnd()
  const told: number[] = []
  await turnEnd.add(() => {
    told.push(1)
    void turnEnd.add(() => told.push(3))
  })
  told.push(2)
  await turnEnd.add(() => {})
  expect(told).toEqual([1, 2, 3])
})

it('rejects for the one that fails, and does the others', async () => {
  const turnEnd = new TurnEnd()
  const failing = turnEnd.add(() => {
    throw new Error('the connection closes')
  })
  const other = turnEnd.add(() => {})
  await expect(failing).rejects.toThrow('the connection closes')
  await expect(other).resolves.toBeUndefined()
})
