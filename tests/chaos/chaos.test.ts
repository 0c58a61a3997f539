import { afterAll, afterEach, expect, it } from 'vitest'
import { campaign, ROUNDS, type Strike } from './campaign.js'
import { deleteJobs } from './delete-jobs.js'
import { type Outcome, reckon } from './reckoning.js'
import { keepForReport } from './report.js'
import { killAll, Stack, startAll } from './stack.js'
import { until } from './within.js'

/** Calls accepted while something is away that they do not need. */
const MEANWHILE = 50

const TIMEOUT_MS = 180_000 + ROUNDS * 30_000

let stack: Stack | undefined

/** One stack serves all campaigns, each with users of its own, until one of them goes wrong. */
const theStack = async () => {
  stack ??= await Stack.start()
  return stack
}

const stop = async () => {
  await stack?.stop()
  stack = undefined
}

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await stop()
})
afterAll(stop)

async function survives(name: string, strike: Strike): Promise<Outcome> {
  const outcome = await reckon(await campaign(await theStack(), strike))
  await keepForReport({ name, rounds: ROUNDS, ...outcome })
  return outcome
}

it('a worker, and all workers, are killed', { timeout: TIMEOUT_MS }, async () => {
  const { redelivered } = await survives('worker', async ({ stack, load }, round) => {
    const struck = round % 2 === 0 ? stack.workers.slice(0, 1) : stack.workers
    // Jobs that come to a worker standing still are in its hand when it dies.
    for (const worker of struck) worker.freeze()
    await load.acceptedMore(MEANWHILE)
    await killAll(struck)
    await load.acceptedMore(MEANWHILE)
    await startAll(struck)
  })
  expect(redelivered).toBeGreaterThan(0)
})

it('a server, and all servers, are killed', { timeout: TIMEOUT_MS }, async () => {
  const { repeated } = await survives('server', async ({ stack, load }, round) => {
    const struck = round % 2 === 0 ? stack.servers.slice(0, 1) : stack.servers
    await killAll(struck)
    if (round % 2 === 0) await load.acceptedMore(MEANWHILE)
    await startAll(struck)
  })
  expect(Object.keys(repeated)).toContain('ECONNREFUSED')
})

it('nats-server is killed', { timeout: TIMEOUT_MS }, async () => {
  await survives('nats-server', async ({ stack, load }, round) => {
    await stack.killNats()
    await load.acceptedMore(round % 2 === 0 ? MEANWHILE : 4 * MEANWHILE)
    await stack.restartNats()
  })
})

it('PostgreSQL is killed', { timeout: TIMEOUT_MS }, async () => {
  await survives('PostgreSQL', async ({ stack, gateway }, round) => {
    const before = gateway.unanswered
    await stack.killPostgres()
    // A short outage is none for the callers: what is under way is sent to PostgreSQL again.
    if (round % 2 === 1)
      await until(
        () => gateway.unanswered > before,
        () => 'Without PostgreSQL no caller was told to come again.',
      )
    await stack.restartPostgres()
  })
})

it('the stream JOBS is deleted', { timeout: TIMEOUT_MS }, async () => {
  await survives('stream JOBS', async ({ stack }) => deleteJobs(stack.natsUrl))
})
