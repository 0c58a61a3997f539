import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Battle, Strike } from './campaign.js'
import { deleteJobs } from './delete-jobs.js'
import { type Killable, killAll, startAll } from './stack.js'
import { until } from './within.js'

/** Calls accepted while something is away that they do not need. */
const MEANWHILE = 50

/** Servers try a statement again for 5 s, and a call waits for a connection for 10 s. */
const PAST_ALL_PATIENCE_MS = 11_000

/** Which of them are struck. */
export type Which = (programs: readonly Killable[]) => readonly Killable[]

export const one: Which = (programs) => programs.slice(0, 1)
export const all: Which = (programs) => programs

/** SIGKILL to workers with jobs in hand, which others take on, or they themselves once they are back. */
export const killWorkers =
  (which: Which): Strike =>
  async (battle) => {
    const { stack, load, deliveries } = battle
    const struck = which(stack.workers)
    const before = deliveries.redelivered
    // Jobs that come to a worker standing still are in its hand when it dies.
    for (const worker of struck) worker.freeze()
    await load.acceptedMore(MEANWHILE)
    await replaced(battle, pidsOf(struck), async () => {
      await killAll(struck)
      await load.acceptedMore(MEANWHILE)
      await startAll(struck)
    })
    await until(
      () => deliveries.redelivered > before,
      () => 'No job was in a killed worker’s hand.',
    )
  }

/** SIGKILL to servers, whose callers get no answer and ask another, or again. */
export const killServers =
  (which: Which): Strike =>
  async (battle) => {
    const { stack, load, gateway } = battle
    const struck = which(stack.servers)
    const before = gateway.unanswered
    await replaced(battle, pidsOf(struck), async () => {
      await killAll(struck)
      if (struck.length < stack.servers.length) await load.acceptedMore(MEANWHILE)
      await until(
        () => gateway.unanswered > before,
        () => 'Without a server every call was answered.',
      )
      await startAll(struck)
    })
  }

/** SIGKILL to nats-server; calls are accepted as before, and nothing is computed. */
export const killNats: Strike = async (battle) => {
  const { stack, load, books } = battle
  const pids = () => [stack.natsPid]
  await replaced(battle, pids, async () => {
    await stack.killNats()
    const killedAt = new Date()
    await load.acceptedMore(4 * MEANWHILE)
    expect(await books.succeeded(killedAt)).toEqual([])
    await stack.restartNats()
  })
}

/** SIGKILL to PostgreSQL and at once a new one: servers send to it again what is under way. */
export const killPostgres: Strike = async (battle) => {
  const { stack } = battle
  const pids = () => [stack.postgresPid]
  await replaced(battle, pids, async () => {
    await stack.killPostgres()
    await stack.restartPostgres()
  })
}

/** PostgreSQL stays away for longer than servers wait for it, so that they tell callers to come again. */
export const killPostgresForLong: Strike = async (battle) => {
  const { stack, load, gateway } = battle
  const pids = () => [stack.postgresPid]
  await replaced(battle, pids, async () => {
    const before = gateway.unanswered
    await stack.killPostgres()
    // Of the calls under way some were accepted before, and are told so; none is any more.
    const mostAccepted = load.accepted + load.underWay
    await sleep(PAST_ALL_PATIENCE_MS)
    expect(load.accepted).toBeLessThanOrEqual(mostAccepted)
    await until(
      () => gateway.unanswered > before,
      () => 'Without PostgreSQL no caller was told to come again.',
    )
    await stack.restartPostgres()
  })
}

/** Deletes the stream JOBS while there are jobs in it. */
export const deleteStream: Strike = async ({ stack, books }) => {
  await someOpen({ books })
  await deleteJobs(stack.natsUrl)
}

const pidsOf = (programs: readonly Killable[]) => () => programs.map(({ pid }) => pid)

/** Strikes while predictions are open, and sees that the processes have ended and others stand there. */
async function replaced(
  battle: Pick<Battle, 'books'>,
  pids: () => readonly (number | undefined)[],
  strike: () => Promise<void>,
): Promise<void> {
  const before = pids()
  await someOpen(battle)
  await strike()
  const after = pids()
  expect(after).not.toContain(undefined)
  for (const pid of before) expect(after).not.toContain(pid)
}

const someOpen = ({ books }: Pick<Battle, 'books'>) =>
  until(
    async () => (await books.open()).length > 0,
    () => 'No prediction was open that a strike could hit.',
  )
