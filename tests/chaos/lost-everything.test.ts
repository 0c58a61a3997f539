import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { repositoryRoot } from '@presage/deploy/repository'
import pg from 'pg'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { Books } from './books.js'
import { Deliveries } from './deliveries.js'
import { Gateway } from './gateway.js'
import { Load, type Order } from './load.js'
import { reckon } from './reckoning.js'
import { ADMIN, Stack, startAll } from './stack.js'
import { rowIdOf, User } from './user.js'
import { until } from './within.js'

const CREDITS = 10_000_000
/** Calls accepted in each part of the story. */
const CALLS = 100
/** Longer than everything is away. */
const PATIENCE_MS = 240_000

/** `pnpm backup` and `pnpm restore`, as they stand in package.json. */
async function run(script: 'backup' | 'restore', args: string[], env: Record<string, string>) {
  const tsx = ['--import', import.meta.resolve('tsx'), '--conditions', 'presage-source']
  const file = join(repositoryRoot, 'deploy', 'local', `${script}.ts`)
  const options = { env: { ...process.env, DATABASE_URL: '', ...env }, cwd: repositoryRoot }
  return promisify(execFile)(process.execPath, [...tsx, file, ...args], options)
}

const idsIn = async (books: Books) => {
  const rows = z.array(z.object({ id: z.string() })).parse(await books.predictions())
  return new Set(rows.map(({ id }) => id))
}

/** Ends the segment of the log, and waits until it is in the archive. */
async function archiveNow(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('SELECT pg_walfile_name(pg_switch_wal()) AS segment')
  const archived = async () => {
    const { rows: found } = await client.query(
      'SELECT last_archived_wal >= $1 AS yes FROM pg_stat_archiver',
      [rows[0].segment],
    )
    return found[0].yes === true
  }
  await until(archived, () => 'The log was not archived.')
  await client.end()
}

/** Forgets the answers about rows that are gone; those orders were accepted and are lost. */
function forget(orders: readonly Order[], rows: ReadonlySet<string>): Order[] {
  return orders.filter(({ told }) => {
    const known = told.filter((each) => 'code' in each || rows.has(rowIdOf(each.id)))
    return known.length < told.splice(0, told.length, ...known).length
  })
}

it('everything is lost under load, and comes back from the archive', {
  timeout: 600_000,
}, async () => {
  const backupDir = await mkdtemp(join(tmpdir(), 'presage-backup-'))
  onTestFinished(() => rm(backupDir, { recursive: true }))
  // Nothing but what the test has archived is there later: some of what was accepted is lost.
  const stack = await Stack.start({ backupDir, timeoutS: 86_400 })
  onTestFinished(() => stack.stop())
  const env = { DATA_DIR: stack.dataDir, BACKUP_DIR: backupDir }
  const gateway = new Gateway(stack.urls, PATIENCE_MS)
  const admin = await User.logIn(gateway, ADMIN.email, ADMIN.password)
  const names = ['ada', 'bob', 'cyd'].map((name) => `${name}@lost.test`)
  const users = await Promise.all(names.map((name) => User.register(gateway, name, CREDITS)))
  const books = new Books(
    stack.databaseUrl,
    users.map(({ id }) => id),
  )

  const load = new Load(users, { kinds: new Map([[0, 'twice']]) })
  onTestFinished(() => load.halt())
  await load.acceptedMore(CALLS)
  const [backup] = await Promise.all([run('backup', [], env), load.acceptedMore(CALLS)])
  expect(backup.stdout).toContain('1 are kept')
  await load.acceptedMore(CALLS)
  const safe = await idsIn(books)
  await archiveNow(stack.databaseUrl)
  await load.acceptedMore(CALLS)
  await stack.loseEverything()
  // Whoever had a call under way goes on sending it.
  load.halt()

  await run('restore', ['--from', backupDir], { DATA_DIR: stack.dataDir })
  await stack.restartPostgres()
  const restored = await idsIn(books)
  expect([...safe].filter((id) => !restored.has(id))).toEqual([])
  await stack.restartNats()
  await startAll([...stack.servers, ...stack.workers])
  await load.stop()

  // Each caller sends again, with the same key, what was accepted and is gone.
  const lost = forget(load.orders, await idsIn(books))
  expect(lost.length).toBeGreaterThan(0)
  for (const { user, key, blood, told } of lost) {
    const again = { idempotencyKey: key, waitMs: 0 }
    told.push(await user.predict(blood, again), await user.predict(blood, again))
    expect(told.at(-1)).toMatchObject({ replayed: true })
  }
  await until(
    async () => (await books.open()).length === 0,
    async () => `Predictions do not end: ${JSON.stringify((await books.open()).slice(0, 5))}`,
  )
  const deliveries = await Deliveries.overhear(stack.natsUrl)
  onTestFinished(() => deliveries.connection.close())
  const parties = { users, load, books, gateway, deliveries, admin, followers: [] }
  const { accepted } = await reckon(parties)
  expect(accepted).toBe(load.orders.length)
})
