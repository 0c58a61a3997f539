import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deployMigrations } from '@presage/prisma/migrate'
import { MigrationEditedError } from '@presage/prisma/migrate/applied-migrations'
import { readMigrations } from '@presage/prisma/migrate/migration-folder'
import { SchemaEngineError } from '@presage/prisma/migrate/run-engine'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Postgres, startPostgres } from '../embedded/postgres.js'

let dataDir = ''
let postgres: Postgres
let url = ''
let databases = 0

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'presage-migrations-'))
  postgres = await startPostgres({ dataDir, durable: false })
})
afterAll(async () => {
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
})
beforeEach(async () => {
  const name = `test_${++databases}`
  url = postgres.url
  await query(`CREATE DATABASE ${name}`)
  url = postgres.url.replace(/presage$/, name)
})

const migration = (name: string, script: string) => ({
  name,
  script,
  checksum: createHash('sha256').update(script).digest('hex'),
})

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}

test('the shipped migrations are applied once, and then there is nothing to do', async () => {
  const names = readMigrations().map(({ name }) => name)
  expect(await deployMigrations(url)).toEqual(names)
  expect(await deployMigrations(url)).toEqual([])
  expect(await query('SELECT migration_name FROM _prisma_migrations ORDER BY 1')).toEqual(names)
})

test('servers that start at once apply each migration once', async () => {
  const note = migration('1_note', "CREATE TABLE note (t text); INSERT INTO note VALUES ('once')")
  const starts = await Promise.all([1, 2, 3, 4].map(() => deployMigrations(url, [note])))
  expect(starts.flat()).toEqual(['1_note'])
  expect(await query('SELECT t FROM note')).toEqual(['once'])
})

test('only what is missing is applied', async () => {
  const first = migration('1_note', 'CREATE TABLE note (t text)')
  const second = migration('2_more', 'ALTER TABLE note ADD COLUMN author text')
  await deployMigrations(url, [first])
  expect(await deployMigrations(url, [first, second])).toEqual(['2_more'])
})

test('an edited migration is refused with the remedy', async () => {
  await deployMigrations(url, [migration('1_note', 'CREATE TABLE note (t text)')])
  const edited = migration('1_note', 'CREATE TABLE note (t text, author text)')
  const refusal = deployMigrations(url, [edited])
  await expect(refusal).rejects.toThrow(MigrationEditedError)
  await expect(refusal).rejects.toThrow(/1_note was edited .*pnpm db:reset/)
})

test('a script that fails leaves nothing behind, says why, and blocks the next start', async () => {
  const broken = migration('1_broken', 'CREATE TABLE half (id int); SELECT no_such_function()')
  await expect(deployMigrations(url, [broken])).rejects.toThrow(/no_such_function/)
  expect(await query("SELECT to_regclass('half')")).toEqual([null])
  await expect(deployMigrations(url, [broken])).rejects.toThrow(SchemaEngineError)
  await expect(deployMigrations(url, [broken])).rejects.toThrow(/1_broken/)
})
