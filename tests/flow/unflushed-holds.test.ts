import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '@presage/deploy/embedded/postgres'
import { openFeed } from '@presage/domain/events/feed'
import { createDraft, runDraft } from '@presage/domain/predictions/drafts'
import { predict } from '@presage/domain/predictions/predict'
import { deployMigrations } from '@presage/prisma/migrate'
import pg from 'pg'
import { expect, it, onTestFinished, vi } from 'vitest'
import { ledgerFaults } from '../kit/check-ledger.js'
import { CutLine } from '../kit/cut-line.js'
import { Kit, openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'
import { statementsOf } from '../kit/statements.js'

const kit = await openKit()
const request = { model: 'toll', variant: 'one', features: { n: 1 } }
const run = (idempotencyKey: string) => ({ idempotencyKey, explain: false, waitMs: 0 })

it('what a caller was told outlives the crash of the database at that moment', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'presage-crash-'))
  const postgres = await startPostgres({ dataDir })
  await deployMigrations(postgres.url)
  const far = new Kit(postgres.url)
  const domain = far.domain()
  const alice = await far.user({ balance: 3 })
  const { port } = postgres
  const answers = []
  for (const key of ['a', 'b', 'c']) answers.push(await predict(domain, alice, request, run(key)))
  await postgres.kill()
  const again = await startPostgres({ dataDir, port })
  onTestFinished(async () => {
    await far.close()
    await again.stop()
    await rm(dataDir, { recursive: true, force: true })
  })
  const kept = await far.db.prisma.prediction.findMany({ where: { userId: alice.userId } })
  expect(kept.map(({ id }) => id).sort()).toEqual(
    answers.map(({ prediction }) => prediction.id).sort(),
  )
}, 120_000)

/** Keeps the flushes of holds back until they are let go. */
function heldBackFlushes() {
  const { query } = pg.Client.prototype
  let letGo = () => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let waiting = 0
  const spy = vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (
    this: pg.Client,
    ...args: unknown[]
  ) {
    const send = () => Reflect.apply(query, this, args)
    if ((args[0] as { name?: string }).name !== 'flush_commits') return send()
    waiting += 1
    return gate.then(send)
  })
  onTestFinished(() => spy.mockRestore())
  return { letGo, waiting: () => waiting }
}

it('a job leaves while the disk is waited for, and nobody is told before', async () => {
  const domain = kit.domain()
  const { outbox } = domain
  const alice = await kit.user({ balance: 1 })
  const flushes = heldBackFlushes()
  let answered = false
  const call = predict(domain, alice, request, run('early')).then((accepted) => {
    answered = true
    return accepted
  })
  await expect.poll(flushes.waiting).toBe(1)
  expect(outbox.published).toHaveLength(1)
  expect({ answered, announced: outbox.announced }).toEqual({ answered: false, announced: [] })
  flushes.letGo()
  const { prediction } = await call
  expect(outbox.published).toMatchObject([{ id: prediction.id }])
  expect(outbox.announced).toMatchObject([{ predictionId: prediction.id, to: 'QUEUED' }])
})

it('the job of a draft, whose id another input may get, waits for the disk', async () => {
  const domain = kit.domain()
  const { published } = domain.outbox
  const alice = await kit.user({ balance: 1 })
  const { prediction } = await createDraft(domain, alice, request)
  const flushes = heldBackFlushes()
  const call = runDraft(domain, alice, prediction.id, run('draft'))
  await expect.poll(flushes.waiting).toBe(1)
  expect(published).toEqual([])
  flushes.letGo()
  await call
  expect(published).toMatchObject([{ id: prediction.id }])
})

it('a feed does not tell of a hold that is not flushed', async () => {
  const [here, there] = [kit.domain(), kit.domain()]
  const alice = await kit.user({ balance: 1 })
  const feed = await openFeed(there, alice, null)
  onTestFinished(async () => void (await feed.return?.()))
  await feed.next()
  const flushes = heldBackFlushes()
  const call = predict(here, alice, request, run('seen'))
  await expect.poll(flushes.waiting).toBe(1)
  let told = false
  const event = feed.next().then((result) => {
    told = true
    return result
  })
  there.signals.notifyAll()
  await expect.poll(flushes.waiting).toBe(2)
  expect(told).toBe(false)
  flushes.letGo()
  expect((await event).value).toMatchObject({ kind: 'WalletChanged' })
  await call
})

it('a feed reads an end that stands behind its hold without a flush', async () => {
  const [here, there] = [kit.domain(), kit.domain()]
  const alice = await kit.user({ balance: 1 })
  const feed = await openFeed(there, alice, null)
  onTestFinished(async () => void (await feed.return?.()))
  await feed.next()
  const { prediction } = await predict(here, alice, request, run('ended'))
  await here.closings.submit(closingOf(prediction.id, 'succeed'))
  const sent = await statementsOf(async () => {
    there.signals.notifyAll()
    await feed.next()
  })
  expect(sent.map(({ name }) => name)).toEqual(['read_log'])
})

it('a call whose flush was not answered is accepted, and told of, once', async () => {
  const line = await CutLine.to(kit.databaseUrl)
  const domain = kit.domain({ url: line.url })
  onTestFinished(() => line.close())
  const alice = await kit.user({ balance: 3 })
  line.loseAnswers('flush_commits', 1)
  const { prediction, replayed } = await predict(domain, alice, request, run('lost'))
  expect({ lost: line.lost, replayed }).toEqual({ lost: 1, replayed: false })
  expect(domain.outbox.announced).toMatchObject([{ predictionId: prediction.id, to: 'QUEUED' }])
  expect(await ledgerFaults(kit.seeds, [alice.userId])).toEqual([])
})

it('equal calls that meet while the answer to their flush is lost are one prediction', async () => {
  const line = await CutLine.to(kit.databaseUrl)
  const domain = kit.domain({ url: line.url })
  onTestFinished(() => line.close())
  const alice = await kit.user({ balance: 3 })
  line.loseAnswers('flush_commits', 1)
  const calls = [1, 2].map(() => predict(domain, alice, request, run('same')))
  const [first, second] = await Promise.all(calls)
  expect(line.lost).toBe(1)
  expect(second?.prediction.id).toBe(first?.prediction.id)
  expect([first?.replayed, second?.replayed].sort()).toEqual([false, true])
  const { announced, published } = domain.outbox
  expect(new Set(published.map(({ id }) => id))).toEqual(new Set([first?.prediction.id]))
  expect(announced).toMatchObject([{ predictionId: first?.prediction.id, to: 'QUEUED' }])
  expect(await ledgerFaults(kit.seeds, [alice.userId])).toEqual([])
})
