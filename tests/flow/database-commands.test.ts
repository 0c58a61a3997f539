import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readMigrations } from '@presage/prisma/migrate/migration-folder'
import pg from 'pg'
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest'
import { DatabaseCheckout } from '../kit/database-checkout.js'

// `pnpm db:*` as they are typed: on a database that does not exist yet, without a network.

// Six commands, each of three programs, on a machine that others use as well.
vi.setConfig({ testTimeout: 300_000 })

const COLOURS = 'model Colour {\n  id Int @id\n  name String\n\n  @@map("colours")\n}\n'

const shipped = readMigrations().map(({ name }) => name)
const name = `test_${randomUUID().replaceAll('-', '')}`
const databaseUrl = Object.assign(new URL(inject('templateUrl')), { pathname: `/${name}` }).href
let checkout: DatabaseCheckout
beforeAll(() => {
  checkout = new DatabaseCheckout(databaseUrl)
})
afterAll(async () => {
  checkout.remove()
  await query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, 'postgres')
})

async function query(sql: string, database = name): Promise<unknown[]> {
  const url = Object.assign(new URL(databaseUrl), { pathname: `/${database}` }).href
  const client = new pg.Client(url)
  await client.connect()
  const { rows } = await client.query({ text: sql, rowMode: 'array' })
  await client.end()
  return rows.flat()
}

const applied = () => query('SELECT migration_name FROM _prisma_migrations ORDER BY started_at')

const inCheckout = (...path: string[]) => join(checkout.folder, 'prisma', ...path)

function writeMigration(folder: string, sql: string) {
  mkdirSync(inCheckout('migrations', folder))
  writeFileSync(inCheckout('migrations', folder, 'migration.sql'), sql)
}

it('a command without a network fails, and is found out', async () => {
  const call = `node -e 'fetch("https://binaries.prisma.sh").catch(() => process.exit(7))'`
  expect(await checkout.shell(call)).toMatchObject({ code: 7 })
  expect(checkout.asked()).toEqual([expect.stringContaining('binaries.prisma.sh')])
  const proxied = `node -e '
    const { hostname, port } = new URL(process.env.HTTPS_PROXY)
    require("node:http").get({ hostname, port, path: "https://binaries.prisma.sh" })'`
  expect(await checkout.shell(proxied)).toMatchObject({ code: 1 })
  expect(checkout.asked()).toEqual([expect.stringContaining('a proxy')])
})

it('deploys, tells what is missing, migrates and resets, and asks for no network', async () => {
  expect(await checkout.run('db:deploy')).toMatchObject({ code: 0 })
  expect(await applied()).toEqual(shipped)
  const done = await checkout.run('db:status')
  expect(done.code, done.output).toBe(0)
  expect(done.output).toContain('Database schema is up to date')

  writeFileSync(inCheckout('schema', 'colours.prisma'), COLOURS)
  const migrated = await checkout.run('db:migrate', '--name', 'colours')
  expect(migrated.code, migrated.output).toBe(0)
  const [created = ''] = readdirSync(inCheckout('migrations')).filter((it) => /colours$/.test(it))
  const script = readFileSync(inCheckout('migrations', created, 'migration.sql'), 'utf8')
  // The change alone: the partial indexes, which are there, are made no second time.
  expect(script.match(/^(CREATE|ALTER|DROP) \w+ "\w+"/gm)).toEqual(['CREATE TABLE "colours"'])
  expect(await applied()).toEqual([...shipped, created])
  expect(readFileSync(inCheckout('generated', 'client', 'models.ts'), 'utf8')).toContain('Colour')

  await query("INSERT INTO colours VALUES (1, 'red')")
  expect(await checkout.run('db:reset', '--force')).toMatchObject({ code: 0 })
  expect(await query('SELECT name FROM colours')).toEqual([])
  expect(await applied()).toEqual([...shipped, created])

  writeMigration('29991231000000_later', 'SELECT 1')
  const behind = await checkout.run('db:status')
  expect(behind.code).toBe(1)
  expect(behind.output).toMatch(/not yet been applied:\s+29991231000000_later\s/)
  expect(checkout.asked()).toEqual([])
})
