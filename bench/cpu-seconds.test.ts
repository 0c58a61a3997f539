import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { cpuSeconds, totalOf } from './cpu-seconds.js'

it.skipIf(!existsSync('/proc/self/stat'))('counts what a child process has used', async () => {
  const used = () => totalOf(cpuSeconds(process.pid))
  const before = used()
  const busy = 'const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);'
  const child = spawn(process.execPath, [
    '-e',
    `${busy} console.log(1); setInterval(() => {}, 1e6)`,
  ])
  await once(child.stdout, 'data')
  expect(used() - before).toBeGreaterThanOrEqual(0.29)
  child.kill()
  await once(child, 'exit')
  expect(used() - before).toBeGreaterThanOrEqual(0.29)
})

it.skipIf(!existsSync('/proc/self/stat'))(
  'counts one that nobody waits for as its parent',
  async () => {
    const busy = 'const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end);'
    // The shell becomes a program that waits for no child.
    const script = `"$0" -e '${busy}' & exec tail -f /dev/null /nowhere/postgres`
    const before = cpuSeconds(process.pid)
    const parent = spawn('bash', ['-c', script, process.execPath], { stdio: 'ignore' })
    onTestFinished(() => void parent.kill())
    await expect
      .poll(() => cpuSeconds(process.pid).PostgreSQL - before.PostgreSQL, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(0.29)
  },
)
