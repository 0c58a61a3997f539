import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRunning, type ProcessIdentity } from '@presage/deploy/process/process-identity'
import { recordedProcess } from '@presage/deploy/process/process-record'
import { repositoryRoot } from '@presage/deploy/repository'
import { afterAll, afterEach, expect, test, vi } from 'vitest'

// What `npm start` runs, from the built code to the demonstration and the end. One folder sees all
// starts in their order: a first one takes three times as long, for the clients it invents.
vi.setConfig({ testTimeout: 300_000 })

const dataDir = mkdtempSync(join(tmpdir(), 'presage-start-'))
const started: ChildProcess[] = []

afterEach(async () => {
  for (const run of started.splice(0)) await endOf(run, 'SIGTERM')
})
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

async function endOf(run: ChildProcess, signal?: NodeJS.Signals) {
  if (run.exitCode !== null || run.signalCode !== null) return run.exitCode
  if (signal) run.kill(signal)
  const [code] = await once(run, 'exit')
  return code
}

/** Starts it and resolves with its output once the text stands in it. */
async function startUntil(text: string, ...args: string[]): Promise<[ChildProcess, string]> {
  const env = { ...process.env, DATA_DIR: dataDir, PORT: '0', DATABASE_URL: '', NATS_URL: '' }
  const run = spawn(process.execPath, ['deploy/start.mjs', ...args], { cwd: repositoryRoot, env })
  started.push(run)
  let output = ''
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      if (output.includes(text)) resolve([run, output])
    }
    run.stdout.on('data', read)
    run.stderr.on('data', read)
    run.once('exit', () => reject(new Error(`It ended before it said "${text}":\n${output}`)))
  })
}

/** Everything that the run has started: its services and its programs. */
const partsOf = (folder: string): ProcessIdentity[] =>
  [folder, join(folder, 'run')]
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .filter((file) => file.endsWith('.process'))
    .flatMap((file) => recordedProcess(file) ?? [])

function creditsLeft(output: string): number {
  const left = /HOLD −1, (\d+) credits available/.exec(output)?.[1]
  if (left === undefined) throw new Error(`No prediction was paid for:\n${output}`)
  return Number(left)
}

test('a first start shows a paid prediction, serves, and leaves nothing running on Ctrl-C', async () => {
  const [run, output] = await startUntil('Stop with Ctrl-C')
  expect(output).toMatch(/HOLD −1, 49 credits available/)
  expect(output).toMatch(/result +46\.74 years, for 1 credit/)
  expect(output).toMatch(/1510 invented clients, \d+ scores/)
  expect(output).toMatch(/manager +manager-01@example\.com/)
  const url = /Presage runs at (\S+)/.exec(output)?.[1] ?? ''
  const { data } = await (await fetch(`${url}?query={__typename}`)).json()
  expect(data).toEqual({ __typename: 'Query' })
  const parts = partsOf(dataDir)
  expect(parts).toHaveLength(5)
  expect(await endOf(run, 'SIGINT')).toBe(0)
  expect(parts.filter(isRunning)).toEqual([])
})

test('a run that was killed does not stand in the way of the next, which keeps its data', async () => {
  const [killed, before] = await startUntil('Stop with Ctrl-C')
  const left = creditsLeft(before)
  const orphans = partsOf(dataDir)
  await endOf(killed, 'SIGKILL')
  const [run, output] = await startUntil('Stop with Ctrl-C')
  expect(orphans.filter(isRunning)).toEqual([])
  expect(output).not.toContain('migrations applied')
  expect(output).not.toContain('invented clients')
  expect(output).toContain('manager-01@example.com')
  expect(creditsLeft(output)).toBe(left - 1)
  expect(await endOf(run, 'SIGTERM')).toBe(0)
})

test('with --once it ends after the demonstration', async () => {
  const [run, output] = await startUntil('result', '--once')
  expect(creditsLeft(output)).toBeGreaterThan(0)
  expect(await endOf(run)).toBe(0)
  expect(partsOf(dataDir)).toEqual([])
  expect(existsSync(join(dataDir, 'run.lock'))).toBe(false)
})
