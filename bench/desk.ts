import { writeFile } from 'node:fs/promises'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { openModel } from '@presage/worker/runtimes/open-model'
import pg from 'pg'
import { ADMIN, startBenchStack } from './bench-stack.js'
import { type Account, writeClients } from './desk-clients.js'
import { timeSeeds } from './desk-seeds.js'
import { measuredAt, number, table } from './markdown.js'
import { Office } from './office.js'

const REPORT = new URL('../docs/benchmarks-desk.md', import.meta.url)
const CLIENTS = 1510
const WORKERS = 1
const ROUNDS = 5
const SEEDS = 3
const PRICE = 5

const RESCORE = `mutation ($key: String!) { rescorePortfolio(idempotencyKey: $key) {
  ... on RescorePayload { run { id } } } }`
const WATCH = `subscription ($id: ID!) { deskRun(id: $id) {
  finishedAt progress { total open scored failed refused } charge { charged } } }`

interface Run {
  finishedAt: string | null
  progress: { total: number; scored: number }
  charge: { charged: number }
}

/** From the mutation sent to the event that tells the run's end, in ms. */
async function rescore(office: Office, key: string): Promise<number> {
  const startMs = performance.now()
  const { run } = await office.field<{ run: { id: string } }>(RESCORE, { key })
  for await (const { finishedAt, progress, charge } of office.events<Run>(WATCH, { id: run.id })) {
    if (finishedAt === null) continue
    if (progress.scored !== CLIENTS || charge.charged !== CLIENTS * PRICE)
      throw new Error(`only ${progress.scored} of ${progress.total} were scored`)
    return performance.now() - startMs
  }
  throw new Error('the run was not told to its end')
}

/** The same rows, explained, through the model alone, in one call, in ms. */
async function bare(accounts: readonly Account[]): Promise<number[]> {
  const model = (await loadCatalogue()).model('credit-default')
  if (!model) throw new Error('credit-default is not installed')
  const open = await openModel(model)
  const rows = accounts.map((values) => ({ values, explain: true }))
  const tookMs: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) {
    const startMs = performance.now()
    const outcomes = await open.predict('boosted', rows)
    tookMs.push(performance.now() - startMs)
    if (outcomes.some((outcome) => 'failure' in outcome)) throw new Error('a row has no score')
  }
  open.close()
  return tookMs
}

/** Has the desk pay, and gives it what the rounds cost. */
async function fundDesk(office: Office, databaseUrl: string): Promise<void> {
  await office.field(
    `mutation { changeDeskPolicy(input: { payer: DESK, reason: "a bench" }) { __typename } }`,
  )
  // The wallet is opened by the first run, which is of nobody yet.
  await office.field(RESCORE, { key: 'none' })
  const client = new pg.Client(databaseUrl)
  await client.connect()
  const { rows } = await client.query<{ id: string }>('SELECT user_id AS id FROM desk_account')
  await client.end()
  await office.field(
    'mutation ($input: MoveCreditsInput!) { grantTopUp(input: $input) { __typename } }',
    {
      input: {
        user: Buffer.from(`User:${rows[0]?.id}`).toString('base64'),
        amount: CLIENTS * PRICE * (ROUNDS + 1),
        idempotencyKey: 'desk',
      },
    },
  )
}

const median = (sample: readonly number[]) =>
  [...sample].sort((a, b) => a - b)[Math.floor(sample.length / 2)] ?? Number.NaN

const stack = await startBenchStack(WORKERS, 0)
const deskMs: number[] = []
let bareMs: number[] = []
let seedMs: number[] = []
try {
  const office = await Office.enter(stack.url, ADMIN)
  await fundDesk(office, stack.databaseUrl)
  const accounts = await writeClients(stack.databaseUrl, CLIENTS)
  await rescore(office, 'warm-up')
  for (let round = 0; round < ROUNDS; round += 1) deskMs.push(await rescore(office, `${round}`))
  bareMs = await bare(accounts)
  seedMs = await timeSeeds(stack.databaseUrl, SEEDS, CLIENTS)
} finally {
  await stack.stop()
}
const HEAD = ['what', 'median ms', 'best ms', 'worst ms', 'clients/s']
const row = (what: string, sample: readonly number[]) => [
  what,
  number(median(sample)),
  number(Math.min(...sample)),
  number(Math.max(...sample)),
  number((CLIENTS * 1000) / median(sample)),
]
const report = `# Benchmarks of the credit desk

${measuredAt('pnpm bench desk --write')} The caller, one server, ${WORKERS} worker, PostgreSQL with fsync and NATS run on these cores.

## ${number(CLIENTS)} clients rescored, ${ROUNDS} times after one that warms up

${table(HEAD, [
  row(
    'mutation sent to the event that tells the end: paid, computed with reasons, stored, announced',
    deskMs,
  ),
  row('the same rows with reasons through the bare model, in one call', bareMs),
])}

## ${number(CLIENTS)} clients seeded into an empty desk, ${SEEDS} times

${table(HEAD, [
  row(
    'invented, their past scored with reasons by the model in process, and all written; aim below 10,000 ms',
    seedMs,
  ),
])}
`
process.stdout.write(`\n${report}`)
if (process.argv.includes('--write')) await writeFile(REPORT, report)
