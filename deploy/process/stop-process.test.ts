import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, expect, test } from 'vitest'
import { type ProcessIdentity, processIdentity } from './process-identity.js'
import { stopProcess } from './stop-process.js'

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

async function startNode(script: string): Promise<[ChildProcess, ProcessIdentity]> {
  const child = spawn(process.execPath, ['-e', `${script}; console.log('up')`])
  children.push(child)
  await once(child.stdout, 'data')
  const identity = processIdentity(child.pid ?? 0)
  if (!identity) throw new Error('the child did not start')
  return [child, identity]
}

test('a process that obeys the first signal gets no other', async () => {
  const [child, identity] = await startNode('setInterval(() => {}, 1000)')
  const ended = once(child, 'exit')
  const steps = [
    ['SIGTERM', 10_000],
    ['SIGKILL', 10_000],
  ] as const
  expect(await stopProcess(identity, steps)).toBe(true)
  expect(await ended).toEqual([null, 'SIGTERM'])
})

test('a process that ignores the first signal is ended by the next', async () => {
  const [child, identity] = await startNode(
    'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)',
  )
  const ended = once(child, 'exit')
  const steps = [
    ['SIGTERM', 100],
    ['SIGKILL', 10_000],
  ] as const
  expect(await stopProcess(identity, steps)).toBe(true)
  expect(await ended).toEqual([null, 'SIGKILL'])
})

test('a process that survives all steps is reported', async () => {
  const [, identity] = await startNode(
    'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)',
  )
  expect(await stopProcess(identity, [['SIGTERM', 100]])).toBe(false)
})
