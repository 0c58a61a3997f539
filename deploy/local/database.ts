import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../embedded/postgres.js'
import { withDatabase } from '../embedded/with-database.js'
import { repositoryRoot } from '../repository.js'
import { runPrisma } from './prisma.js'

// `pnpm db:<command>`: Prisma's commands on DATABASE_URL or else on the database of DATA_DIR.

type Command = (args: string[]) => Promise<number>

const withConfiguredDatabase = (use: (url: string) => Promise<number>) => {
  const { DATABASE_URL, DATA_DIR } = process.env
  return DATABASE_URL
    ? use(DATABASE_URL)
    : withDatabase(DATA_DIR || join(repositoryRoot, '.data'), use)
}

/** An empty server of its own, so that the answer depends on nothing but the repository. */
async function withTemporaryDatabase(use: (url: string) => Promise<number>) {
  const dataDir = mkdtempSync(join(tmpdir(), 'presage-diff-'))
  try {
    const postgres = await startPostgres({ dataDir, durable: false })
    return await use(postgres.url).finally(() => postgres.stop())
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

const prisma =
  (...command: string[]): Command =>
  (args) =>
    withConfiguredDatabase((url) => runPrisma([...command, ...args], url))

const migrate: Command = (args) =>
  withConfiguredDatabase(async (url) => {
    const code = await runPrisma(['migrate', 'dev', ...args], url)
    return code === 0 ? runPrisma(['generate'], url) : code
  })

const DIFF = ['migrate', 'diff', '--from-migrations', './migrations', '--to-schema', './schema']

/** Fails when the migrations do not lead to schema/*.prisma, and prints what they lack. */
const diff: Command = (args) =>
  withTemporaryDatabase(async (url) => {
    const code = await runPrisma([...DIFF, '--exit-code', '--script', ...args], url)
    if (code === 2) console.error('The migrations lack the above: run pnpm db:migrate.')
    return code
  })

const commands: Record<string, Command> = {
  migrate,
  deploy: prisma('migrate', 'deploy'),
  status: prisma('migrate', 'status'),
  reset: prisma('migrate', 'reset'),
  diff,
}

const [name = '', ...args] = process.argv.slice(2)
const command = commands[name]
// Ctrl-C reaches Prisma too; the database stops after it, in order.
process.on('SIGINT', () => {})
if (command) {
  process.exitCode = await command(args)
} else {
  console.error(`Unknown command ${name}; there are ${Object.keys(commands).join(', ')}.`)
  process.exitCode = 1
}
