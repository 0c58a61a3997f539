import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { isRunning, processIdentity } from './process-identity.js'

test('knows a running process by name, parent and start', () => {
  const own = processIdentity(process.pid)
  expect(own).toMatchObject({ pid: process.pid, parent: process.ppid })
  expect(own && isRunning(own)).toBe(true)
})

test('an ended process is not running, and has no identity', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const identity = processIdentity(child.pid ?? 0)
  expect(identity && isRunning(identity)).toBe(true)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(identity && isRunning(identity)).toBe(false)
  expect(processIdentity(child.pid ?? 0)).toBeUndefined()
})

test('another process that got the number is not taken for the first', () => {
  const own = processIdentity(process.pid)
  expect(own && isRunning({ ...own, started: 'long ago' })).toBe(false)
})
