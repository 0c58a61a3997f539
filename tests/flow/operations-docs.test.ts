import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { REMEDIES as LOCAL, envSchema as localSchema } from '@presage/deploy/local/settings'
import { repositoryRoot } from '@presage/deploy/repository'
import { ConfigError, readConfig } from '@presage/server/config'
import { REMEDIES as SERVER, envSchema as serverSchema } from '@presage/server/env-schema'
import { REMEDIES as WORKER, envSchema as workerSchema } from '@presage/worker/config'
import { expect, it, onTestFinished } from 'vitest'
import type { z } from 'zod'

const hasTools = ['bash', 'npm'].every((tool) => !spawnSync(tool, ['--version']).error)

/** Those without which the server does not start. */
function required(): string[] {
  try {
    readConfig({})
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.faults.map((fault) => fault.split(':', 1)[0] ?? '')
  }
}

/** What holds without it; undefined = nothing, or it depends on the machine. */
function defaultOf(setting: z.ZodType | undefined, name: string): string | undefined {
  const value = name === 'WORKER_NAME' ? undefined : setting?.safeParse(undefined).data
  return value === undefined || value === null ? undefined : String(value)
}

function table(
  title: string,
  schema: { shape: Record<string, z.ZodType> },
  remedies: Record<string, string>,
  needed: string[] = [],
): string {
  const rows = Object.entries(remedies).map(([name, remedy]) => {
    expect(`${name}: ${remedy}`).toContain(defaultOf(schema.shape[name], name) ?? '')
    const text = remedy.replace(/^set it to /, '').replaceAll('|', '\\|')
    return `| \`${name}\` | ${needed.includes(name) ? '**required**: ' : ''}${text} |`
  })
  return [`## ${title}`, '', '| Variable | Set it to |', '| --- | --- |', ...rows, ''].join('\n')
}

it('docs/settings.md lists what the programs read', async () => {
  const page = [
    '# Settings',
    '',
    'Environment variables; in brackets what holds without them. Written by `npx vitest run --project flow tests/flow/operations-docs.test.ts -u` from what the programs say themselves.',
    '',
    table('The server', serverSchema, SERVER, required()),
    table('A worker', workerSchema, WORKER),
    table('`npm start`, `npm run backup`, `npm run restore`', localSchema, LOCAL),
    'What `npm start` does not set itself, it hands on to its server and its workers.\n',
  ].join('\n')
  await expect(page).toMatchFileSnapshot('../../docs/settings.md')
})

/** The commands of the page, in their order, in folders of the test. */
async function commandsIn(folder: string): Promise<string[]> {
  const page = await readFile(join(repositoryRoot, 'docs/operations.md'), 'utf8')
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) =>
    block
      .replaceAll('/srv/', `${folder}/srv-`)
      .replaceAll('/backup/', `${folder}/backup-`)
      .replaceAll('npm start', 'npm start -- --once'),
  )
}

it.skipIf(!hasTools)(
  'every command of docs/operations.md does what the page says',
  {
    timeout: 600_000,
  },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'presage-operations-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const script = ['set -eu', ...(await commandsIn(folder))].join('\necho "=== next"\n')
    const env = { ...process.env, PORT: '0', DATABASE_URL: '', NATS_URL: '' }
    const options = { cwd: repositoryRoot, env, maxBuffer: 64 * 1024 * 1024 }
    const { stdout } = await promisify(execFile)('bash', ['-c', script], options)
    const [, first, backup, restored, then] = stdout.split('=== next\n')
    // Each start shows one prediction, which costs a credit.
    expect(first).toContain('49 credits available')
    expect(backup).toMatch(/Backed up to \S+; \d are kept/)
    expect(restored).toMatch(/Restored [\s\S]*all of the archived log[\s\S]*48 credits available/)
    expect(then).toMatch(/47 credits available[\s\S]*Restored \S+-then: [\s\S]*the log up to /)
  },
)
