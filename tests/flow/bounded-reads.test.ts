import { type LoggedChange, readLanes } from '@presage/domain/events/read-lanes'
import { closeLane } from '@presage/domain/predictions/close-predictions'
import { type HoldCall, holdLane } from '@presage/domain/predictions/hold-predictions'
import { startPredictions } from '@presage/domain/predictions/start-predictions'
import { beforeAll, describe, expect, it } from 'vitest'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'

const HISTORY = 1500

/** A batch of one reads its prediction and its wallet, some of them more than once. */
const A_FEW = 12

const holdOf = (userId: string, id: string): HoldCall => ({
  id,
  userId,
  key: id,
  hash: 'ab'.repeat(32),
  revision: null,
  model: 'toll',
  version: '1.0.0',
  variant: 'one',
  artifact: 'ab'.repeat(32),
  input: {},
  values: {},
  explain: false,
  price: 1,
  consent: null,
  apiKeyId: null,
  deadline: new Date(Date.now() + 3_600_000),
})

/** The lanes of one connection on a database of their own, and what that connection reads. */
async function stage() {
  const kit = await openKit()
  const { userId } = await kit.user({ balance: 100_000 })
  const { db } = kit
  const pool = db.lane('bounded-reads')
  const holds = holdLane(pool, HISTORY * 2, () => {})
  const closings = closeLane(pool, () => {})
  const reads = readLanes(() => pool)
  const newIds = async (count: number) =>
    (
      await db.pool.query<{ id: string }>('SELECT uuidv7() AS id FROM generate_series(1, $1)', [
        count,
      ])
    ).rows.map(({ id }) => id)
  /** How many rows the connection has read so far, of all tables together. */
  const rowsRead = async () =>
    (
      await pool.query<{ read: number }>(
        `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS read
         FROM pg_stat_xact_user_tables`,
      )
    ).rows[0]?.read ?? Number.NaN
  return {
    db,
    newIds,
    hold: (ids: string[]) => Promise.all(ids.map((id) => holds.submit(holdOf(userId, id)))),
    start: (ids: string[]) => startPredictions(pool, ids),
    close: (ids: string[]) =>
      Promise.all(ids.map((id) => closings.submit(closingOf(id, 'succeed')))),
    lastSeq: async () => (await reads.wallets.submit(userId))?.seq ?? 0n,
    readAfter: (after: bigint): Promise<LoggedChange[]> =>
      reads.log.submit({ userId, after, since: null, transfers: true, statuses: null }),
    /** The transaction keeps the figures from being handed in meanwhile. */
    async rowsReadBy(statement: () => Promise<unknown>) {
      await pool.query('BEGIN')
      const before = await rowsRead()
      await statement()
      const read = (await rowsRead()) - before
      await pool.query('COMMIT')
      return read
    },
  }
}

/**
 * A plan that a new installation's server has made is kept when the tables have grown: what it reads
 * must depend on the batch alone, and not on what the planner knew of the tables.
 */
describe.each([
  { known: 'nothing', analyze: false },
  // Autovacuum looks at no table that has changed by less than 50 rows.
  { known: 'sixty rows', analyze: true },
])('planned when $known was known of the tables, and kept behind a history', ({ analyze }) => {
  let lanes: Awaited<ReturnType<typeof stage>>

  const once = async () => {
    const ids = await lanes.newIds(1)
    await lanes.hold(ids)
    await lanes.start(ids)
    await lanes.close(ids)
  }

  beforeAll(async () => {
    lanes = await stage()
    for (const table of ['predictions', 'transfers', 'wallets', 'events_first'])
      await lanes.db.pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
    if (analyze) {
      for (let i = 0; i < 60; i += 1) await once()
      // Has the statements planned anew.
      await lanes.db.pool.query('ANALYZE')
    }
    await once()
    await lanes.readAfter(0n)
    const ids = await lanes.newIds(HISTORY)
    await lanes.hold(ids)
    await lanes.close(ids)
  })

  it('a hold, a start and a closing read what their batch names', async () => {
    const ids = await lanes.newIds(1)
    for (const step of [lanes.hold, lanes.start, lanes.close]) {
      const read = await lanes.rowsReadBy(() => step(ids))
      expect(read).toBeGreaterThan(0)
      expect(read).toBeLessThan(A_FEW)
    }
  })

  it('a reading of the log reads what is new', async () => {
    const seq = await lanes.lastSeq()
    await once()
    let told: LoggedChange[] = []
    const read = await lanes.rowsReadBy(async () => {
      told = await lanes.readAfter(seq)
    })
    expect(told.map(({ to }) => to)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
    // Each change with its event, its transfer and its prediction.
    expect(read).toBeLessThan(told.length * A_FEW)
  })
})
