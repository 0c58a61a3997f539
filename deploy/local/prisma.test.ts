import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Postgres, startPostgres } from '../embedded/postgres.js'
import { repositoryRoot } from '../repository.js'
import { prismaScript } from './prisma.js'

// Prisma's own commands, with our stand-in for its engine, on a project of their own.

// Each command is a process of its own that loads a database engine.
vi.setConfig({ testTimeout: 120_000 })

let dataDir = ''
let folder = ''
let postgres: Postgres
let url = ''
let databases = 0

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'presage-prisma-'))
  postgres = await startPostgres({ dataDir, durable: false })
})
afterAll(async () => {
  await postgres.stop()
  rmSync(dataDir, { recursive: true, force: true })
})

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-prisma-project-'))
  url = postgres.url.replace(/presage$/, `test_${++databases}`)
  mkdirSync(join(folder, 'schema'))
  writeSchema('model Note {\n  id Int @id\n  text String\n}')
  writeConfig()
  return () => rmSync(folder, { recursive: true, force: true })
})

const FROM_TO = ['--from-migrations', 'migrations', '--to-schema', 'schema']
const DIFF = ['migrate', 'diff', ...FROM_TO, '--exit-code']

function writeConfig() {
  const settings = { schema: 'schema', migrations: { path: 'migrations' }, datasource: { url } }
  writeFileSync(join(folder, 'prisma.config.mjs'), `export default ${JSON.stringify(settings)}`)
}

const writeSchema = (models: string) =>
  writeFileSync(
    join(folder, 'schema', 'main.prisma'),
    `generator client {\n  provider = "prisma-client"\n  output = "../generated"\n  previewFeatures = ["partialIndexes"]\n}
datasource db {\n  provider = "postgresql"\n}\n${models}\n`,
  )

const NOTES = `CREATE TABLE "Note" (
  "id" INTEGER NOT NULL,
  "text" TEXT NOT NULL,
  CONSTRAINT "Note_pkey" PRIMARY KEY ("id")
);`

function writeMigration(name: string, sql: string) {
  const migrations = join(folder, 'migrations')
  mkdirSync(join(migrations, name), { recursive: true })
  writeFileSync(join(migrations, name, 'migration.sql'), sql)
  writeFileSync(join(migrations, 'migration_lock.toml'), 'provider = "postgresql"\n')
}

function prisma(...args: string[]): Promise<{ code: number; output: string }> {
  const engine = join(repositoryRoot, 'prisma', 'engine', 'schema-engine.mjs')
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: engine, CHECKPOINT_DISABLE: '1' }
  const argv = [prismaScript(), ...args, '--config', join(folder, 'prisma.config.mjs')]
  return new Promise((resolve) => {
    execFile(process.execPath, argv, { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
    )
  })
}

async function query(sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}

test('migrate dev writes the migration and applies it; status, deploy and reset agree', async () => {
  expect(await prisma('migrate', 'dev', '--name', 'notes')).toMatchObject({ code: 0 })
  await query('INSERT INTO "Note" VALUES (1, \'first\')')
  const status = await prisma('migrate', 'status')
  expect(status.output).toContain('Database schema is up to date')
  expect((await prisma('migrate', 'deploy')).output).toContain('No pending migrations to apply')
  expect(await query('SELECT text FROM "Note"')).toEqual(['first'])
  expect(await prisma('migrate', 'reset', '--force')).toMatchObject({ code: 0 })
  expect(await query('SELECT text FROM "Note"')).toEqual([])
})

test('migrate dev has nothing to do for a partial index that is there', async () => {
  writeSchema(`model Note {
    id Int @id
    text String @unique(where: raw("(id > 9)"))
  }`)
  expect(await prisma('migrate', 'dev', '--name', 'notes')).toMatchObject({ code: 0 })
  expect((await prisma('migrate', 'dev')).output).toContain('Already in sync')
})

test('functions and triggers pass through as written, and are no difference', async () => {
  writeMigration('1_notes', NOTES)
  writeMigration(
    '2_trigger',
    `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.text := upper(NEW.text); RETURN NEW;
END $$;
CREATE TRIGGER shout BEFORE INSERT ON "Note" FOR EACH ROW EXECUTE FUNCTION shout();`,
  )
  expect(await prisma('migrate', 'deploy')).toMatchObject({ code: 0 })
  expect(await query('INSERT INTO "Note" VALUES (1, \'a; b\') RETURNING text')).toEqual(['A; B'])
  expect(await prisma(...DIFF)).toMatchObject({ code: 0 })
})

test('diff fails with the missing SQL when the schema is ahead of the migrations', async () => {
  writeMigration('1_notes', NOTES)
  await prisma('migrate', 'deploy')
  writeSchema('model Note {\n  id Int @id\n  text String\n  author String?\n}')
  const { code, output } = await prisma(...DIFF, '--script')
  expect(code).toBe(2)
  expect(output).toContain('ADD COLUMN     "author" TEXT')
  const shadows = "SELECT count(*)::int FROM pg_database WHERE datname LIKE '%shadow%'"
  expect(await query(shadows)).toEqual([0])
})

test('a database that was changed by hand is reported as drift', async () => {
  writeMigration('1_notes', NOTES)
  await prisma('migrate', 'deploy')
  await query('ALTER TABLE "Note" ADD COLUMN secret text')
  const { code, output } = await prisma('migrate', 'dev', '--name', 'more')
  expect(code).not.toBe(0)
  expect(output).toContain('Drift detected')
  expect(output).toContain('secret')
})

test('a migration that was edited after it was applied is reported', async () => {
  writeMigration('1_notes', NOTES)
  await prisma('migrate', 'deploy')
  writeMigration('1_notes', `${NOTES}\nSELECT 1;`)
  const { code, output } = await prisma('migrate', 'dev', '--name', 'more')
  expect(code).not.toBe(0)
  expect(output).toContain('1_notes` was modified after it was applied')
})

test('two deploys at once apply a migration once', async () => {
  writeMigration('1_notes', `${NOTES}\nINSERT INTO "Note" VALUES (1, 'once');`)
  const deploys = await Promise.all([prisma('migrate', 'deploy'), prisma('migrate', 'deploy')])
  expect(deploys.map(({ code }) => code)).toEqual([0, 0])
  expect(await query('SELECT text FROM "Note"')).toEqual(['once'])
})

test('a migration that fails says which and why, and nothing of it stays', async () => {
  writeMigration('1_notes', NOTES)
  writeMigration('2_broken', 'CREATE TABLE half (id int); SELECT no_such_function();')
  const { code, output } = await prisma('migrate', 'deploy')
  expect(code).toBe(1)
  expect(output).toContain('2_broken')
  expect(output).toContain('no_such_function')
  expect(await query("SELECT to_regclass('half'), to_regclass('\"Note\"')::text")).toEqual([
    null,
    '"Note"',
  ])
})

test('a server that does not answer is named, and the password is not', async () => {
  url = 'postgresql://nobody:hidden@127.0.0.1:1/none'
  writeConfig()
  const { code, output } = await prisma('migrate', 'deploy')
  expect(code).toBe(1)
  expect(output).toContain('P1001')
  expect(output).toContain('127.0.0.1:1')
  expect(output).not.toContain('hidden')
})

test('the shipped migrations lead to the shipped schema', async () => {
  url = postgres.url
  writeConfig()
  const shipped = join(repositoryRoot, 'prisma')
  const [migrations, schema] = [join(shipped, 'migrations'), join(shipped, 'schema')]
  const { code, output } = await prisma(
    ...['migrate', 'diff', '--from-migrations', migrations, '--to-schema', schema],
    ...['--exit-code', '--script'],
  )
  expect(code, output).toBe(0)
})
