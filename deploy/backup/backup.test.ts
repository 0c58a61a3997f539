import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { walFolder } from '../embedded/archive.js'
import { type Postgres, startPostgres } from '../embedded/postgres.js'
import { baseBackups, baseFolder } from './base-backups.js'
import { RestoreError, restoreBackup } from './restore-backup.js'
import { NotArchivingError, takeBackup } from './take-backup.js'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 })

let root = ''
let postgres: Postgres | undefined

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "presage 100% it's-"))
})
afterEach(async () => {
  await postgres?.stop()
  rmSync(root, { recursive: true, force: true })
})

const backupDir = () => join(root, 'backup')

async function start(folder: string, archives = true) {
  const archive = archives ? { backupDir: backupDir(), timeoutS: 3600 } : undefined
  postgres = await startPostgres({ dataDir: join(root, folder), archive })
  return postgres
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres?.url })
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}

const note = (text: string) => query(`INSERT INTO note VALUES ('${text}')`)
const notes = () => query('SELECT text FROM note ORDER BY at')
const begin = () => query('CREATE TABLE note (text text, at timestamptz DEFAULT clock_timestamp())')

/** Everything written before is in the archive when it resolves. */
async function archived() {
  const [segment] = await query('SELECT pg_walfile_name(pg_switch_wal())')
  await vi.waitFor(() => expect(readdirSync(walFolder(backupDir()))).toContain(segment), {
    timeout: 60_000,
  })
}

const backUp = (folder: string, keep = 2) =>
  takeBackup({
    dataDir: join(root, folder),
    url: postgres?.url ?? '',
    backupDir: backupDir(),
    keep,
  })

const restore = (folder: string, toTime?: Date) =>
  restoreBackup({ backupDir: backupDir(), dataDir: join(root, folder), toTime })

test('what was archived is there after everything is lost; a clean stop loses nothing', async () => {
  await start('first')
  await begin()
  await note('before')
  await backUp('first')
  await note('archived')
  await archived()
  await note('lost')
  await postgres?.kill()
  rmSync(join(root, 'first'), { recursive: true })

  await restore('second')
  await start('second')
  expect(await notes()).toEqual(['before', 'archived'])
  await note('after')
  await postgres?.stop()

  // Without another base back-up: along the first one's timeline and over into the second.
  await restore('third')
  await start('third')
  expect(await notes()).toEqual(['before', 'archived', 'after'])
})

test('it goes back to a moment, and leaves the archive as it was', async () => {
  await start('first')
  await begin()
  await backUp('first')
  await note('right')
  // A Date has milliseconds, a commit microseconds.
  await query('SELECT pg_sleep(0.01)')
  const [moment] = await query('SELECT clock_timestamp()')
  await query('SELECT pg_sleep(0.01)')
  await note('wrong')
  await archived()
  const before = readdirSync(walFolder(backupDir()))
  await restore('second', moment as Date)
  await postgres?.stop()
  await start('second', false)
  expect(await notes()).toEqual(['right'])
  expect(readdirSync(walFolder(backupDir()))).toEqual(expect.arrayContaining(before))
  await expect(restore('third', new Date(0))).rejects.toThrow(RestoreError)
  await expect(restore('fourth', new Date(Date.now() + 3_600_000))).rejects.toThrow(
    /ended before configured recovery target was reached/,
  )
})

test('an unfinished base back-up is none, and is removed by the next; old ones go with their log', async () => {
  await start('first')
  await begin()
  mkdirSync(join(baseFolder(backupDir()), '20260101T000000000Z.unfinished'), { recursive: true })
  await expect(restore('second')).rejects.toThrow('There is no base back-up in')
  for (const text of ['one', 'two', 'three']) {
    await note(text)
    await backUp('first')
  }
  const kept = await baseBackups(backupDir())
  expect(kept).toHaveLength(2)
  expect(readdirSync(baseFolder(backupDir()))).toHaveLength(2)
  const segments = readdirSync(walFolder(backupDir())).filter((name) => /^[0-9A-F]{24}$/.test(name))
  expect(segments.sort()[0]).toBe(kept[0]?.firstSegment)
  await restore('third')
  await postgres?.kill()
  await start('third')
  expect(await notes()).toEqual(['one', 'two', 'three'])
})

test('a back-up is refused where no log is archived, a restore where there is a database', async () => {
  await start('first', false)
  await expect(backUp('first')).rejects.toThrow(NotArchivingError)
  await expect(restore('first')).rejects.toThrow(/in use by process/)
  await postgres?.stop()
  await expect(restore('first')).rejects.toThrow(RestoreError)
})
