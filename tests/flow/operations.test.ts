import { InvalidInputError, NotFoundError, PoisonDecidedError } from '@presage/client'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { failed, succeeded } from '../kit/hand-worker.js'
import { openKit } from '../kit/kit.js'
import { openPresage } from '../kit/open-presage.js'
import {
  bioAge,
  predict,
  readHistory,
  readPrediction,
  readWallet,
  rowIdOf,
} from '../kit/operations.js'
import type { UserSeed } from '../kit/seed-user.js'

const kit = await openKit()
const stack = await kit.stack({ workers: 0, env: { FIGURES_EVERY_MS: '50' } })
const hand = await stack.hand()

const SOON = { timeout: 30_000, interval: 100 }

/** The SDK of an account of the kit. */
const sdk = async (seed: UserSeed = { admin: true }) =>
  (await openPresage(stack.servers[0], await kit.user(seed))).operations

/** A prediction that a worker gave up, of a user who has `balance` credits. */
async function poisoned(balance = 5) {
  const api = stack.api(await kit.user({ balance }))
  const { prediction } = await predict(api)
  const failure = { code: 'POISON', message: 'The computation was started 5 times.' }
  const result = { ...failed(rowIdOf(prediction.id)), outcome: 'failed' as const, failure }
  expect(await hand.settle(result)).toBe('settled')
  return { api, id: prediction.id }
}

describe('the figures', () => {
  it('tell of the workers, the queues, the outbox and the books, live', async () => {
    const operations = await sdk()
    const user = await kit.user({ balance: 9 })
    const api = stack.api(user)
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push((await predict(api, bioAge())).prediction.id)
    const until = async (
      holds: (figures: Awaited<ReturnType<typeof operations.read>>) => boolean,
    ) => {
      for await (const figures of operations.subscribe()) if (holds(figures)) return figures
      throw new Error('the figures ended')
    }
    // The queues are read once a second, and so may be older than the outbox beside them.
    const waiting = await until(({ queues }) =>
      queues.some(({ waiting, oldestAt }) => waiting === 3 && oldestAt !== null),
    )
    const queue = { model: 'bio-age', version: '1.0.0' }
    expect(waiting.queues).toContainEqual(
      expect.objectContaining({ ...queue, waiting: 3, taken: 0 }),
    )
    expect(waiting.outbox).toMatchObject({ open: 3, oldestQueuedAt: expect.any(String) })

    // Nothing is settled while somebody holds the wallet, so the worker keeps what it computed.
    const holder = await kit.db.pool.connect()
    onTestFinished(() => holder.release())
    await holder.query('BEGIN')
    await holder.query('SELECT FROM wallets WHERE user_id = $1 FOR UPDATE', [user.userId])
    const worker = await stack.addWorker()
    onTestFinished(() => worker.stop())
    const busy = await until(({ workers }) =>
      workers.some(({ inFlight, perSecond }) => inFlight === 3 && perSecond > 0),
    )
    // Three in the 2 s between two words of the worker, or longer on a busy machine.
    expect(busy.workers[0]?.perSecond).toBeGreaterThan(0.1)
    expect(busy.workers[0]?.perSecond).toBeLessThan(1.6)
    await until(({ queues }) => queues.some(({ waiting, taken }) => waiting === 0 && taken === 3))
    await holder.query('ROLLBACK')
    const done = async () =>
      expect((await readHistory(api)).nodes.map(({ status }) => status)).toEqual(
        ids.map(() => 'SUCCEEDED'),
      )
    await vi.waitFor(done, SOON)
    await vi.waitFor(async () => {
      const { workers, outbox, queues, ledger } = await operations.read()
      expect(workers).toMatchObject([{ name: 'worker-1', alive: true, inFlight: 0 }])
      expect(workers[0]?.models).toContainEqual({ model: 'bio-age', version: '1.0.0' })
      expect(workers[0]?.backend).toMatch(/^(wasm|tensorflow)$/)
      expect(workers[0]?.computed).toBe(3)
      expect(outbox.open).toBe(0)
      for (const queue of queues)
        expect(queue).toMatchObject({ waiting: 0, taken: 0, oldestAt: null })
      expect(ledger).toMatchObject({ balanced: true, held: 0 })
    }, SOON)
  })

  it('come once a second at most', async () => {
    const live = (await sdk()).subscribe()
    const times: number[] = []
    for await (const { at } of live) {
      times.push(Date.parse(at))
      if (times.length === 3) break
    }
    const gaps = times.slice(1).map((time, i) => time - (times[i] ?? 0))
    for (const gap of gaps) expect(gap).toBeGreaterThanOrEqual(990)
  })
})

describe('poisoned predictions', () => {
  it('are listed page by page, newest first, until somebody has decided', async () => {
    const operations = await sdk()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.unshift((await poisoned()).id)
    const other = await predict(stack.api(await kit.user({ balance: 5 })))
    await hand.settle(failed(rowIdOf(other.prediction.id)))
    const list = async (decided = false) => {
      const found = []
      for await (const { id, decision } of operations.poisoned({ pageSize: 2, decided }))
        if (ids.includes(id) || id === other.prediction.id) found.push([id, decision?.action])
      return found
    }
    expect(await list()).toEqual(ids.map((id) => [id, undefined]))
    await operations.discard(ids[1] ?? '', 'Nonsense in, nothing out')
    expect(await list()).toEqual([ids[0], ids[2]].map((id) => [id, undefined]))
    expect(await list(true)).toEqual([
      [ids[0], undefined],
      [ids[1], 'DISCARDED'],
      [ids[2], undefined],
    ])
  })

  it('are retried free of charge, once however often it is asked for', async () => {
    const operations = await sdk()
    const { api, id } = await poisoned(5)
    const answers = await Promise.all(
      [1, 2, 3].map(() => operations.retry(id, 'The worker is mended')),
    )
    const [first] = answers
    const retry = first?.decision?.retry ?? ''
    for (const { decision } of answers)
      expect(decision).toMatchObject({ action: 'RETRIED', retry, reason: 'The worker is mended' })
    expect((await readHistory(api)).nodes.map((node) => node.id)).toEqual([retry, id])
    expect(await readPrediction(api, retry)).toMatchObject({
      ...{ status: 'QUEUED', charge: { price: 0, held: 0 } },
    })
    expect(await hand.settle(succeeded(rowIdOf(retry)))).toBe('settled')
    expect(await readPrediction(api, retry)).toMatchObject({
      ...{ status: 'SUCCEEDED', charge: { price: 0, captured: 0 } },
    })
    expect(await readWallet(api)).toMatchObject({ available: 5, held: 0 })
    await expect(operations.discard(id, 'Too late')).rejects.toThrow(PoisonDecidedError)
  })

  it('are discarded with a reason that is kept, and not retried after', async () => {
    const operations = await sdk()
    const { id } = await poisoned()
    await expect(operations.discard(id, '  ')).rejects.toThrow(InvalidInputError)
    const { decision } = await operations.discard(id, ' Nonsense ')
    expect(decision).toMatchObject({ action: 'DISCARDED', reason: 'Nonsense', retry: null })
    await expect(operations.retry(id, 'Once more')).rejects.toThrow(PoisonDecidedError)
    await expect(kit.db.pool.query('DELETE FROM poison_decisions')).rejects.toThrow('append-only')
  })

  it('are only those that failed so', async () => {
    const { prediction } = await predict(stack.api(await kit.user({ balance: 5 })))
    await hand.settle(failed(rowIdOf(prediction.id)))
    const operations = await sdk()
    await expect(operations.retry(prediction.id, 'Why not')).rejects.toThrow(NotFoundError)
    await expect(operations.discard('nothing', 'Why not')).rejects.toThrow(NotFoundError)
  })

  it('and the figures are for admins alone', async () => {
    const operations = await sdk({ admin: false })
    const { id } = await poisoned()
    const refused = { code: 'FORBIDDEN' }
    await expect(operations.read()).rejects.toMatchObject(refused)
    await expect(operations.poisoned().next()).rejects.toMatchObject(refused)
    await expect(operations.retry(id, 'Mine')).rejects.toMatchObject(refused)
    await expect(operations.discard(id, 'Mine')).rejects.toMatchObject(refused)
    await expect(operations.subscribe().next()).rejects.toMatchObject(refused)
  })
})
