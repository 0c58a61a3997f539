import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startPostgres } from '../embedded/postgres.js'
import { isRunning, processIdentity } from '../process/process-identity.js'
import { recordProcess } from '../process/process-record.js'
import { type Program, startProgram, stopOrphans } from './program.js'
import { keptSecrets } from './secrets.js'
import { readSettings } from './settings.js'
import { Stack } from './stack.js'

vi.setConfig({ testTimeout: 120_000 })

// Stand-ins for the server and the worker that note in a file what happens to them.
const SERVER = `
  import { appendFileSync } from 'node:fs'
  import { createServer } from 'node:http'
  import { connect } from 'node:net'
  const note = (text) => appendFileSync(process.env.EVENTS, 'server ' + text + '\\n')
  const reaches = (url) => new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    connect(port, hostname).once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  const server = createServer((request, response) => response.end(String(process.pid)))
  server.listen(Number(process.env.PORT), process.env.HOST)
  process.on('message', (word) => note(word))
  process.on('SIGTERM', async () => {
    const both = await Promise.all([process.env.DATABASE_URL, process.env.NATS_URL].map(reaches))
    note('stopped, database and NATS there: ' + both)
    process.exit()
  })
`
const WORKER = `
  import { appendFileSync } from 'node:fs'
  const note = (text) => appendFileSync(process.env.EVENTS, 'worker ' + text + '\\n')
  console.log('worker ready')
  setInterval(() => {}, 1000)
  process.on('SIGTERM', () => setTimeout(() => { note('drained'); process.exit() }, 300))
`

let dataDir = ''
let stack: Stack | undefined

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'presage-stack-'))
  writeFileSync(join(dataDir, 'server.mjs'), SERVER)
  writeFileSync(join(dataDir, 'worker.mjs'), WORKER)
  process.env.EVENTS = join(dataDir, 'events')
  vi.spyOn(console, 'log').mockImplementation(() => {})
})
afterEach(async () => {
  await stack?.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

const launch = (entry: Program['entry']) => [
  process.execPath,
  join(dataDir, entry.replace('/main', '.mjs')),
]

async function start(env: Record<string, string> = {}) {
  const settings = readSettings({ DATA_DIR: dataDir, PORT: '0', ...env }, [])
  stack = new Stack(settings, keptSecrets(dataDir), launch)
  await stack.start()
  return stack
}

const events = () => readFileSync(join(dataDir, 'events'), 'utf8').trim().split('\n')

const serverPid = async (url: string) => Number(await (await fetch(url)).text())

test('it stops in order: intake, workers, server, and only then what the server needs', async () => {
  await (await start()).stop()
  expect(events()).toEqual([
    'server close-intake',
    'worker drained',
    'worker drained',
    'server stopped, database and NATS there: true,true',
  ])
  expect(readdirSync(join(dataDir, 'run'))).toEqual([])
  expect(existsSync(join(dataDir, 'postgres.process'))).toBe(false)
})

/** The address of a PostgreSQL that is somebody else's. */
async function postgresElsewhere() {
  const elsewhere = mkdtempSync(join(tmpdir(), 'presage-given-'))
  const postgres = await startPostgres({ dataDir: elsewhere, durable: false })
  onTestFinished(async () => {
    await postgres.stop()
    rmSync(elsewhere, { recursive: true, force: true })
  })
  return postgres.url
}

/** Has the server note what it was told in its environment. */
const noteOfServer = (...names: string[]) =>
  writeFileSync(
    join(dataDir, 'server.mjs'),
    `${SERVER}; for (const name of ${JSON.stringify(names)}) note(process.env[name])`,
  )

test('servers that are given are used, and none is embedded', async () => {
  const given = { DATABASE_URL: await postgresElsewhere(), NATS_URL: 'nats://nats.example:4222' }
  noteOfServer('DATABASE_URL', 'NATS_URL')
  await start(given)
  expect(events()).toEqual(Object.values(given).map((url) => `server ${url}`))
  expect(readdirSync(dataDir).filter((name) => /postgres|nats/.test(name))).toEqual([])
})

test('credits are play money where the database is embedded', async () => {
  noteOfServer('TEST_TOP_UPS')
  await start()
  expect(events()).toEqual(['server true'])
})

test('credits are no play money where the database is given', async () => {
  noteOfServer('TEST_TOP_UPS')
  await start({ DATABASE_URL: await postgresElsewhere(), NATS_URL: 'nats://nats.example:4222' })
  expect(events()).toEqual(['server false'])
})

test('a server that crashes comes back at the same address', async () => {
  const { url } = await start()
  const first = await serverPid(url)
  process.kill(first, 'SIGKILL')
  const second = await vi.waitFor(() => serverPid(url), { timeout: 30_000, interval: 100 })
  expect(second).not.toBe(first)
})

test('a program that cannot start is named, with the end of its log', async () => {
  writeFileSync(join(dataDir, 'server.mjs'), 'throw new Error("no secret, no service")')
  await expect(start()).rejects.toThrow(/server ended at once.*no secret, no service/s)
})

test('programs of a killed run are stopped; a stranger with a number of theirs is not', async () => {
  const program = {
    name: 'worker-1',
    entry: 'worker/main',
    env: {},
    isReady: (written: () => string) => written().includes('worker ready'),
  } as const
  const { pid } = await startProgram(dataDir, program, launch)
  const orphan = processIdentity(pid)
  const stranger = join(dataDir, 'run', 'worker-2.process')
  recordProcess(stranger, process.pid)
  writeFileSync(
    stranger,
    readFileSync(stranger, 'utf8').replace(/"started":"\d+"/, '"started":"1"'),
  )
  await stopOrphans(dataDir)
  expect(orphan && isRunning(orphan)).toBe(false)
  expect(readdirSync(join(dataDir, 'run'))).toEqual([])
})
