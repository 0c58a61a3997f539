import { afterAll, afterEach, expect, it } from 'vitest'
import { campaign, roundsOf, type Strike } from './campaign.js'
import { type Outcome, reckon } from './reckoning.js'
import { keepForReport } from './report.js'
import { Stack } from './stack.js'
import {
  all,
  deleteStream,
  killNats,
  killPostgres,
  killPostgresForLong,
  killServers,
  killWorkers,
  one,
} from './strikes.js'

const WORKERS = [killWorkers(one), killWorkers(all)]
const SERVERS = [killServers(one), killServers(all)]
const POSTGRES = [killPostgres, killPostgresForLong]

const TIMEOUT_MS = 180_000 + roundsOf(WORKERS) * 30_000

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

async function survives(name: string, kinds: readonly Strike[]): Promise<Outcome> {
  const outcome = await reckon(await campaign(await theStack(), kinds))
  await keepForReport({ name, rounds: roundsOf(kinds), ...outcome })
  return outcome
}

it('a worker is killed, and all workers are', { timeout: TIMEOUT_MS }, async () => {
  await survives('worker', WORKERS)
})

it('a server is killed, and all servers are', { timeout: TIMEOUT_MS }, async () => {
  const { repeated } = await survives('server', SERVERS)
  expect(Object.keys(repeated)).toContain('ECONNREFUSED')
})

it('nats-server is killed', { timeout: TIMEOUT_MS }, async () => {
  await survives('nats-server', [killNats])
})

it('PostgreSQL is killed, for a moment and for longer than servers wait for it', {
  timeout: TIMEOUT_MS,
}, async () => {
  const { repeated } = await survives('PostgreSQL', POSTGRES)
  expect(Object.keys(repeated)).toContain('UNAVAILABLE')
})

it('the stream JOBS is deleted', { timeout: TIMEOUT_MS }, async () => {
  await survives('stream JOBS', [deleteStream])
})
