import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { FolderInUseError } from '../process/folder-lock.js'
import { isRunning, processIdentity } from '../process/process-identity.js'
import { type Postgres, startPostgres } from './postgres.js'

let dataDir = ''
let postgres: Postgres | undefined

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'presage-postgres-'))
})
afterEach(() => postgres?.stop())
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const start = async (port?: number) => {
  postgres = await startPostgres({ dataDir, port })
  return postgres
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}

test('data survive a stop, and a crash right after the commit', async () => {
  const first = await start()
  await query(first.url, 'CREATE TABLE note (text text)')
  await first.stop()
  const second = await start()
  await query(second.url, "INSERT INTO note VALUES ('kept')")
  await second.kill()
  const third = await start(second.port)
  expect(third.url).toBe(second.url)
  expect(await query(third.url, 'SELECT text FROM note')).toEqual(['kept'])
})

test('commits are durable and only this machine is let in, with a password', async () => {
  const { url } = await start()
  const settings = `SELECT setting FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit') ORDER BY name`
  expect(await query(url, settings)).toEqual(['on', 'on', '127.0.0.1', 'on'])
  const withoutPassword = new URL(url)
  withoutPassword.password = ''
  await expect(query(withoutPassword.href, 'SELECT 1')).rejects.toThrow(/password/)
})

test('a second start on the same folder is refused, and the first is not disturbed', async () => {
  const { url } = await start()
  await expect(startPostgres({ dataDir })).rejects.toThrow(FolderInUseError)
  expect(await query(url, 'SELECT 1')).toEqual([1])
})

const startAndStay = `
  import { startPostgres } from ${JSON.stringify(new URL('./postgres.ts', import.meta.url).href)}
  const { pid } = await startPostgres({ dataDir: process.argv[2] })
  process.send(pid)
  setInterval(() => {}, 1000)
`

test('a server whose starter was killed is stopped before the next one starts', async () => {
  const script = join(dataDir, 'start-and-stay.mts')
  writeFileSync(script, startAndStay)
  const execArgv = ['--import', import.meta.resolve('tsx'), '--conditions', 'presage-source']
  const starter = fork(script, [dataDir], { execArgv })
  const [orphan] = await once(starter, 'message')
  const identity = processIdentity(orphan)
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  expect(identity && isRunning(identity)).toBe(true)
  const { url } = await start()
  expect(identity && isRunning(identity)).toBe(false)
  expect(await query(url, 'SELECT 1')).toEqual([1])
})

test('a note of a dead server whose number another process has now is no obstacle', async () => {
  const first = await start()
  const note = join(dataDir, 'postgres', 'postmaster.pid')
  const text = readFileSync(note, 'utf8')
  await first.kill()
  writeFileSync(note, text.replace(/^\d+/, String(process.pid)))
  const { url } = await start()
  expect(await query(url, 'SELECT 1')).toEqual([1])
})
