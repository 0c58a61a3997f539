import { setTimeout as sleep } from 'node:timers/promises'
import { meanAge } from '@presage/domain/operations/mean-age'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Api } from '../kit/api.js'
import { openKit } from '../kit/kit.js'
import { bioAge, predict, rowIdOf } from '../kit/operations.js'
import { internalUrlOf, type Scrape, scrape } from '../kit/scrape.js'
import { give } from '../kit/seed-user.js'
import { manyAges, predictMany } from './bulk/bulk-operations.js'

const kit = await openKit()
const stack = await kit.stack({ env: { METRICS_PORT: '0', FIGURES_EVERY_MS: '50' } })
const url = stack.servers[0]?.url ?? ''

const SOON = { timeout: 30_000, interval: 100 }

const server = () => scrape(internalUrlOf(stack, 'server-1'))
const worker = (name = 'worker-1') => scrape(internalUrlOf(stack, name))

/** By how much a series is larger in the later of two scrapes. */
const growth =
  (before: Scrape, after: Scrape) =>
  (name: string, labels: Record<string, string> = {}): number =>
    (after.value(name, labels) ?? 0) - (before.value(name, labels) ?? 0)

const someone = async () => stack.api(await kit.user({ balance: 20 }))

const FEED =
  'subscription { events(statuses: [QUEUED, SUCCEEDED]) { __typename ... on Event { cursor } } }'

describe('the figures', () => {
  it('agree with what was done: five predictions are five of everything', async () => {
    const alice = await someone()
    const feed = alice.subscribe(FEED)
    await feed.next()
    for (let i = 0; i < 5; i++)
      expect((await predict(alice, bioAge(), { waitMs: 30_000 })).prediction.status).toBe(
        'SUCCEEDED',
      )
    // Each is a hold and a capture, and each change of credits one of the wallet and one of the run.
    for (let i = 0; i < 20; i++) await feed.next()
    await vi.waitFor(async () => {
      const it = await server()
      const held = { model: 'bio-age', variant: 'phenoage' }
      const operation = { kind: 'mutation', field: 'predict', outcome: 'ok' }
      expect({
        held: it.value('presage_predictions_held_total', held),
        ended: it.value('presage_predictions_ended_total', { status: 'SUCCEEDED' }),
        published: it.value('presage_jobs_published_total'),
        operations: it.value('presage_graphql_operation_seconds_count', operation),
        posts: it.value('presage_http_requests_total', { method: 'POST', route: '/graphql' }),
        batches: it.value('presage_lane_batch_size_sum', { lane: 'holds' }),
        ends: it.value('presage_lane_batch_size_sum', { lane: 'closings' }),
        captured: it.value('presage_ledger_captured'),
        creditsHeld: it.value('presage_ledger_held'),
        off: it.value('presage_ledger_trial_balance'),
        balanced: it.value('presage_ledger_balanced'),
        open: it.value('presage_outbox_open'),
        late: it.value('presage_outbox_oldest_due_seconds'),
        sockets: it.value('presage_sockets'),
        subscriptions: it.value('presage_graphql_subscriptions', { field: 'events' }),
        sent: it.value('presage_event_lag_seconds_count'),
        workers: it.value('presage_workers'),
        waiting: it.value('presage_queue_waiting', { model: 'bio-age' }),
        oldest: it.value('presage_queue_oldest_seconds', { model: 'bio-age' }),
      }).toEqual({
        ...{ held: 5, ended: 5, published: 5, operations: 5, posts: 5, batches: 5, ends: 5 },
        ...{ captured: 5, creditsHeld: 0, off: 0, balanced: 1, open: 0, late: 0 },
        ...{ sockets: 1, subscriptions: 1, sent: 20, workers: 1, waiting: 0, oldest: 0 },
      })
    }, SOON)
    await vi.waitFor(async () => {
      const it = await worker()
      const model = { model: 'bio-age', version: '1.0.0' }
      expect({
        settled: it.value('presage_worker_results_total', { verdict: 'settled' }),
        rows: it.value('presage_worker_batch_size_sum', model),
        queued: it.value('presage_worker_queue_seconds_count', model),
        first: it.value('presage_worker_job_attempts_bucket', { ...model, le: '1' }),
        again: it.value('presage_worker_redeliveries_total', model) ?? 0,
        inFlight: it.value('presage_worker_jobs_in_flight'),
      }).toEqual({ settled: 5, rows: 5, queued: 5, first: 5, again: 0, inFlight: 0 })
      expect(it.value('presage_worker_compute_seconds_sum', model)).toBeGreaterThan(0)
    }, SOON)
    await feed.return()
    await alice.socket.dispose()
    await vi.waitFor(async () => {
      const it = await server()
      expect(it.value('presage_graphql_subscriptions', { field: 'events' })).toBe(0)
      expect(it.value('presage_sockets')).toBe(0)
    }, SOON)
  })

  it('count a bulk as one batch of a lane of its own', async () => {
    const before = await server()
    const { bulk } = await predictMany(await someone(), manyAges(3))
    expect(bulk.size).toBe(3)
    const grown = growth(before, await server())
    const lane = { lane: 'bulk-holds' }
    for (const figure of ['batch_size_sum', 'wait_seconds_count', 'flush_seconds_count'])
      expect(grown(`presage_lane_${figure}`, lane), figure).toBe(1)
    expect(grown('presage_predictions_held_total', { model: 'bio-age' })).toBe(3)
    expect(grown('presage_lane_batch_size_sum', { lane: 'holds' })).toBe(0)
  })

  it('have no series that a caller could make up', async () => {
    const alice = await someone()
    const hostile = async (name: string) => {
      await alice.ask(`query ${name} { ${name}: viewer { id } }`)
      await alice.ask(`{ ${name} }`)
      await alice.ask(`mutation ($input: PredictInput!) { predict(input: $input) { x } }`, {
        input: { [name]: { variant: name } },
      })
      await fetch(`${url}/${name}`)
      await fetch(`${url}/graphql/${name}`, { method: 'DELETE' })
      await fetch(`${url}/__proto__`, { headers: { 'x-request-id': name } })
      await fetch(`${url}/health`, { method: 'PROPFIND' })
    }
    await hostile('evil')
    await vi.waitFor(async () => expect((await server()).text).toContain('method="other"'), SOON)
    const before = await server()
    for (let i = 0; i < 50; i++) await hostile(`evil${i}`)
    const after = await server()
    expect(after.text).not.toContain('evil')
    expect(after.series).toEqual(before.series)
  })

  it('are not to be had at the public port', async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404)
  })

  it('tell how healthy the worker is, too', async () => {
    const ready = await fetch(`${internalUrlOf(stack, 'worker-1')}/ready`)
    expect(await ready.json()).toMatchObject({ ready: true, broker: true, settlement: true })
  })
})

describe('the users’ average age', () => {
  /** The first age that each person gave, in the order in which they came. */
  async function firstAges(): Promise<number[]> {
    const { rows } = await kit.db.pool.query<{ user_id: string; age: number }>(
      `SELECT user_id, (input ->> 'age')::float8 AS age FROM predictions
       WHERE status = 'SUCCEEDED' ORDER BY id`,
    )
    const ages = new Map<string, number>()
    for (const { user_id, age } of rows) if (!ages.has(user_id)) ages.set(user_id, age)
    return [...ages.values()]
  }

  const gives = async (api: Api, age: number) =>
    expect(
      (await predict(api, bioAge('PHENOAGE', { age }), { waitMs: 30_000 })).prediction.status,
    ).toBe('SUCCEEDED')

  it('is that of the first age of each of twenty people or more, and moves by groups of twenty', async () => {
    const one = async (age: number) => gives(await someone(), age)
    const twice = await someone()
    await gives(twice, 30)
    // Were it counted, twenty people would be 3.5 years older.
    await gives(twice, 99)
    const already = await firstAges()
    for (let i = already.length; i < 19; i++) await one(40)
    expect(await meanAge(kit.db)).toBeNull()
    expect((await server()).value('presage_bio_age_mean_age_years')).toBeUndefined()
    await one(40)
    const sum = already.reduce((left, right) => left + right, 40 * (20 - already.length))
    const shown = { years: Math.round(sum / 20), people: 20 }
    expect(already).toContain(30)
    expect(await meanAge(kit.db)).toEqual(shown)
    await one(99)
    expect(await meanAge(kit.db)).toEqual(shown)
    await vi.waitFor(async () => {
      const it = await server()
      expect(it.value('presage_bio_age_mean_age_years')).toBe(shown.years)
      expect(it.value('presage_bio_age_people')).toBe(shown.people)
    }, SOON)
  })
})

describe('what waits', () => {
  /** A wait that no haste makes shorter, in seconds: another unit is no longer of its order. */
  const WAIT = 1.2
  const secondsSince = (startMs: number) => (performance.now() - startMs) / 1000
  const model = { model: 'bio-age', version: '1.0.0' }

  it('an event that is told late counts the seconds since its commit', async () => {
    // The server reads all logs again every 4 s, which may tell one of two in time, but not both.
    const lags = [await lagOfLateEvent(), await lagOfLateEvent()]
    expect(Math.max(...lags.map(({ lag }) => lag))).toBeGreaterThan(WAIT - 0.01)
    for (const { lag, took } of lags) expect(lag).toBeLessThan(5 * took)
  })

  /** What the events of a change that is told late, and of two that are not, add to the lag, in s. */
  async function lagOfLateEvent() {
    const user = await kit.user({ balance: 5 })
    const feed = stack.api(user).subscribe(FEED)
    await feed.next()
    const before = await server()
    const startMs = performance.now()
    // Written behind the server's back; its reader wakes with the next change, of two events.
    await give(kit.seeds, user.userId, 'TOP_UP', 1)
    await sleep(WAIT * 1000)
    await predict(stack.api(user))
    for (let i = 0; i < 3; i++) await feed.next()
    const grown = growth(before, await server())
    await feed.return()
    expect(grown('presage_event_lag_seconds_count')).toBeGreaterThanOrEqual(3)
    return { lag: grown('presage_event_lag_seconds_sum'), took: secondsSince(startMs) }
  }

  it('jobs that no worker takes are counted with their age, and their caller’s wait', async () => {
    await stack.workers[0]?.stop()
    const alice = await someone()
    await vi.waitFor(
      async () => expect((await server()).value('presage_outbox_open')).toBe(0),
      SOON,
    )
    const before = await server()
    const startMs = performance.now()
    const { prediction } = await predict(alice, bioAge(), { waitMs: WAIT * 1000 })
    const grown = growth(before, await server())
    const took = grown('presage_http_request_seconds_sum', { route: '/graphql' })
    expect(grown('presage_http_request_seconds_count', { route: '/graphql' })).toBe(1)
    expect(took).toBeGreaterThan(WAIT - 0.01)
    expect(took).toBeLessThan(secondsSince(startMs))
    const operation = { kind: 'mutation', field: 'predict', outcome: 'ok' }
    expect(grown('presage_graphql_operation_seconds_sum', operation)).toBeCloseTo(took, 0)

    await predict(alice)
    await predict(alice)
    await vi.waitFor(async () => {
      const it = await server()
      expect(it.value('presage_queue_waiting', model)).toBe(3)
      expect(it.value('presage_queue_taken', model)).toBe(0)
      expect(it.value('presage_workers')).toBe(0)
      expect(it.value('presage_outbox_open')).toBe(3)
      for (const name of ['presage_queue_oldest_seconds', 'presage_outbox_oldest_seconds']) {
        const age = it.value(name, name.includes('queue') ? model : {})
        expect(age, name).toBeGreaterThan(WAIT - 0.01)
        expect(age, name).toBeLessThan(secondsSince(startMs))
      }
    }, SOON)

    const { job, message } = await (await stack.hand()).take()
    expect(job.id).toBe(rowIdOf(prediction.id))
    await vi.waitFor(async () => {
      const it = await server()
      expect(it.value('presage_queue_waiting', model)).toBe(2)
      expect(it.value('presage_queue_taken', model)).toBe(1)
    }, SOON)
    message.nak()
    await stack.addWorker()
    await vi.waitFor(async () => {
      const it = await worker('worker-2')
      const taken = (le: string) => it.value('presage_worker_job_attempts_bucket', { ...model, le })
      expect([taken('1'), taken('2'), taken('+Inf')]).toEqual([2, 3, 3])
      expect(it.value('presage_worker_redeliveries_total', model)).toBe(1)
      expect(it.value('presage_worker_queue_seconds_count', model)).toBe(2)
      const queued = it.value('presage_worker_queue_seconds_sum', model)
      // Both were published after the first one's wait, and waited for the worker's start.
      expect(queued).toBeGreaterThan(0.2)
      expect(queued).toBeLessThan(2 * secondsSince(startMs))
    }, SOON)
  })

  it('a job that the stream has not taken is pending, and one whose turn is missed is late', async () => {
    const alice = await someone()
    const { pid } = stack.nats
    const wake = () => process.kill(pid, 'SIGCONT')
    onTestFinished(() => void wake())
    process.kill(pid, 'SIGSTOP')
    const { prediction } = await predict(alice)
    const pending = async () => (await server()).value('presage_relay_pending')
    await vi.waitFor(async () => expect(await pending()).toBe(1), SOON)

    const holder = await kit.db.pool.connect()
    onTestFinished(() => holder.release())
    const id = rowIdOf(prediction.id)
    await holder.query('BEGIN')
    // The due loop passes over a row that somebody holds, and its time can still be set.
    await holder.query('SELECT FROM predictions WHERE id = $1 FOR KEY SHARE', [id])
    await kit.db.pool.query(
      `UPDATE predictions SET due_at = clock_timestamp() - interval '40 seconds' WHERE id = $1`,
      [id],
    )
    const startMs = performance.now()
    await vi.waitFor(async () => {
      const it = await server()
      expect(it.value('presage_outbox_overdue')).toBe(1)
      const late = it.value('presage_outbox_oldest_due_seconds')
      expect(late).toBeGreaterThanOrEqual(40)
      expect(late).toBeLessThan(41 + secondsSince(startMs))
    }, SOON)
    await holder.query('ROLLBACK')
    wake()
    await vi.waitFor(async () => expect(await pending()).toBe(0), SOON)
  })

  it('a wallet that differs from its transfers is off, and so are the books', async () => {
    const { userId } = await kit.user({ balance: 5 })
    const set = (change: number) =>
      kit.db.pool.query('UPDATE wallets SET balance = balance + $2 WHERE user_id = $1', [
        ...[userId, change],
      ])
    const told = async (off: number, balanced: number) =>
      vi.waitFor(async () => {
        const it = await server()
        expect(it.value('presage_ledger_wallets_off')).toBe(off)
        expect(it.value('presage_ledger_trial_balance')).toBe(off && 3)
        expect(it.value('presage_ledger_balanced')).toBe(balanced)
      }, SOON)
    await set(3)
    await told(1, 0)
    await set(-3)
    await told(0, 1)
  })
})
