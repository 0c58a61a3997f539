import { type LoggedChange, readLanes } from '@presage/domain/events/read-lanes'
import { closeLane } from '@presage/domain/predictions/close-predictions'
import { type HoldCall, holdLane } from '@presage/domain/predictions/hold-predictions'
import { startPredictions } from '@presage/domain/predictions/start-predictions'
import { beforeAll, describe, expect, it } from 'vitest'
import { keyViewer } from '../kit/key-viewer.js'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'

const HISTORY = 1500

/** A batch of one reads its prediction, its wallet, its key and its consent, some of them more than once. */
const A_FEW = 12

/** Enough for the index of the idempotency keys to have a level more than that of a user's rows. */
const CROWD = 200

/** For a model that asks for consent; by a person or an API key. */
const holdOf = (userId: string, apiKeyId: string | null, id: string): HoldCall => ({
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
  consent: 1,
  apiKeyId,
  deadline: new Date(Date.now() + 3_600_000),
})

/** The lanes of one connection on a database of their own, and what that connection reads. */
async function stage() {
  const kit = await openKit()
  const user = await kit.user({ balance: 100_000, agrees: false })
  const { userId } = user
  const caps = [{ period: 'MONTH' as const, credits: 100_000 }]
  const { sessionId: keyId } = await keyViewer(kit.seeds, user, caps)
  const { db } = kit
  const agreeTo = (models: string[]) =>
    db.prisma.consent.createMany({
      data: models.map((model) => ({ userId, model, version: 1, givenAt: new Date() })),
    })
  await agreeTo(['toll'])
  const pool = db.lane('bounded-reads')
  const holds = holdLane(pool, HISTORY * 3, { committed() {}, held() {} })
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
    /** By a key that has a cap. */
    hold: (ids: string[]) => Promise.all(ids.map((id) => holds.submit(holdOf(userId, keyId, id)))),
    /** By a person, who goes the short way when nobody else comes. */
    holdAlone: (id: string) => holds.submit(holdOf(userId, null, id)),
    /** One prediction each of many users. */
    async crowd() {
      await Promise.all(Array.from({ length: CROWD }, () => kit.user({ agrees: false })))
      await db.pool.query(
        `INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
           artifact_sha256, input, explain, price, idempotency_key, created_at, queued_at, finished_at)
         SELECT uuidv7(), user_id, 'CANCELED', 1, 'toll', '1.0.0', 'one', '', '{}', false, 0,
           uuidv7(), now(), now(), now() FROM wallets`,
      )
    },
    /** As many keys and consents as there are predictions. */
    async surround() {
      await agreeTo(Array.from({ length: HISTORY }, (_, i) => `other-${i}`))
      await db.pool.query(
        `WITH others AS (
           INSERT INTO api_keys
             (id, user_id, name, scopes, secret_hash, hint, requests_per_minute, created_at)
           SELECT uuidv7(), $1, 'other', '{}', sha256('x'), 'x', 1, now()
           FROM generate_series(1, ${HISTORY}) RETURNING id)
         INSERT INTO api_key_spending (key_id) SELECT id FROM others`,
        [userId],
      )
    },
    start: (ids: string[]) => startPredictions(pool, ids),
    close: (ids: string[]) =>
      Promise.all(ids.map((id) => closings.submit(closingOf(id, 'succeed')))),
    fail: (ids: string[]) => Promise.all(ids.map((id) => closings.submit(closingOf(id, 'fail')))),
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
  { known: 'nothing', analyzedAt: null, crowded: false },
  // As after the ANALYZE of whoever seeds or restores a database that has not predicted yet.
  { known: 'that they were empty', analyzedAt: 0, crowded: false },
  // Autovacuum looks at no table that has changed by less than 50 rows.
  { known: 'sixty rows', analyzedAt: 60, crowded: false },
  { known: 'one row of each user', analyzedAt: 1, crowded: true },
])(
  'planned when $known was known of the tables, and kept behind a history',
  ({ analyzedAt, crowded }) => {
    let lanes: Awaited<ReturnType<typeof stage>>

    const once = async () => {
      const ids = await lanes.newIds(1)
      await lanes.hold(ids)
      await lanes.start(ids)
      await lanes.close(ids)
      const failing = await lanes.newIds(1)
      await lanes.hold(failing)
      await lanes.fail(failing)
      for (const alone of await lanes.newIds(1)) await lanes.holdAlone(alone)
    }

    beforeAll(async () => {
      lanes = await stage()
      const tables = ['predictions', 'transfers', 'wallets', 'events_first']
      for (const table of [...tables, 'api_key_spending', 'consents'])
        await lanes.db.pool.query(`ALTER TABLE ${table} SET (autovacuum_enabled = off)`)
      if (analyzedAt !== null) {
        if (crowded) await lanes.crowd()
        for (let i = 0; i < analyzedAt; i += 1) await once()
        // Has the statements planned anew.
        await lanes.db.pool.query('ANALYZE')
      }
      await once()
      await lanes.readAfter(0n)
      const ids = await lanes.newIds(HISTORY)
      expect((await lanes.hold(ids)).every(({ outcome }) => outcome === 'HELD')).toBe(true)
      await lanes.close(ids)
      await lanes.hold(await lanes.newIds(HISTORY))
      await lanes.surround()
    })

    it('a hold, a start and a closing read what their batch names', async () => {
      const ids = await lanes.newIds(1)
      const failing = await lanes.newIds(1)
      const [alone = ''] = await lanes.newIds(1)
      for (const step of [
        () => lanes.holdAlone(alone),
        () => lanes.close([alone]),
        () => lanes.hold(ids),
        () => lanes.start(ids),
        () => lanes.close(ids),
        () => lanes.hold(failing),
        () => lanes.fail(failing),
      ]) {
        const read = await lanes.rowsReadBy(step)
        expect(read).toBeGreaterThan(0)
        expect(read).toBeLessThan(A_FEW)
      }
    })

    it('a reading of the log reads what is new', async () => {
      const seq = await lanes.lastSeq()
      const ids = await lanes.newIds(1)
      await lanes.hold(ids)
      await lanes.start(ids)
      await lanes.close(ids)
      let told: LoggedChange[] = []
      const read = await lanes.rowsReadBy(async () => {
        told = await lanes.readAfter(seq)
      })
      expect(told.map(({ to }) => to)).toEqual(['QUEUED', 'RUNNING', 'SUCCEEDED'])
      // Each change with its event, its transfer and its prediction.
      expect(read).toBeLessThan(told.length * A_FEW)
    })
  },
)
