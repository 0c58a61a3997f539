import { randomUUID } from 'node:crypto'
import { type HoldItem, holdRecord } from '@presage/domain/predictions/hold-predictions'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ledgerFaults } from '../kit/check-ledger.js'
import { fuzzRuns } from '../kit/fuzz-runs.js'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'
import { statementsOf } from '../kit/statements.js'

const kit = await openKit()
const { pool } = kit.db

/** A call that meets no other, and all that may stand against it. */
interface Case {
  /** Of the caller; null = there is none. */
  wallet: { balance: number; bonus: number } | null
  price: number
  /** The most that may be open; 0 = too many are. */
  maxOpen: number
  /** What the call's key is bound to before, if to anything. */
  bound: 'same' | 'other' | null
  /** The version that must be agreed to, and the one that is. */
  consent: number | null
  agreed: number | null
  explain: boolean
  deadlineInS: number
  /** What happens to it before its worker's result is there. */
  before: 'nothing' | 'its start' | 'its deadline' | 'its end'
  explanation: boolean
}

const credits = fc.integer({ min: 0, max: 3 })
const version = fc.option(fc.integer({ min: 1, max: 2 }))
const mostly = <T>(usual: T, ...others: T[]) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 4 }, fc.constantFrom(...others))

const cases = fc.record<Case>({
  wallet: fc.oneof(
    { arbitrary: fc.record({ balance: credits, bonus: credits }), weight: 9 },
    fc.constant(null),
  ),
  price: credits,
  maxOpen: mostly(1, 0),
  bound: mostly<Case['bound']>(null, 'same', 'other'),
  consent: version,
  agreed: version,
  explain: fc.boolean(),
  deadlineInS: fc.constantFrom(5, 600),
  before: mostly<Case['before']>('nothing', 'its start', 'its deadline', 'its end'),
  explanation: fc.boolean(),
})

/** A caller as the case has it, with a prediction open for nothing that the key may be bound to. */
async function callerOf({ wallet, agreed, bound }: Case, key: string): Promise<string> {
  if (!wallet) return randomUUID()
  const { userId } = await kit.user(wallet)
  if (agreed)
    await pool.query(`INSERT INTO consents VALUES ($1, 'toll', $2, now())`, [userId, agreed])
  if (bound)
    await pool.query(
      `INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
        artifact_sha256, input, explain, price, idempotency_key, request_hash, created_at, queued_at,
        deadline, finished_at)
      VALUES ($1, $2, 'CANCELED', 1, 'toll', '1.0.0', 'three', '', '{}', false, 0, $3,
        decode($4, 'hex'), now(), now(), now(), now())`,
      [randomUUID(), userId, key, bound === 'same' ? HASH : '00'],
    )
  return userId
}

/** What a call needs to know of its case where nothing stands against it. */
const PLAIN = { price: 3, consent: null, explain: false }

const HASH = 'ab'.repeat(32)

const callOf = (
  userId: string,
  key: string,
  test: Pick<Case, keyof typeof PLAIN>,
  deadline: Date,
): HoldItem => ({
  ...{ id: randomUUID(), userId, key, revision: null, model: 'toll', version: '1.0.0' },
  ...{ variant: 'three', artifact: 'cd'.repeat(32), input: { n: 1, note: 'ü' }, values: {} },
  ...{ explain: test.explain, price: test.price, consent: test.consent, apiKeyId: null, deadline },
})

type Row = Record<string, unknown>

const rowsOf = async (text: string, values: unknown[]): Promise<Row[]> =>
  (await pool.query<Row>(text, values)).rows

/** All that is written of a user, but for ids and times; of times how far apart they are. */
async function writtenOf(userId: string): Promise<unknown> {
  const ids = ['id', 'user_id', 'prediction_id']
  const times = [
    'created_at',
    'queued_at',
    'started_at',
    'due_at',
    'finished_at',
    'occurred_at',
    'deadline',
  ]
  const all = await pool.query(
    `SELECT
      (SELECT to_jsonb(w) - $2::text[] FROM wallets w WHERE w.user_id = $1) AS wallet,
      (SELECT jsonb_agg(to_jsonb(t) - $2::text[] ORDER BY t.seq) FROM transfers t
        WHERE t.user_id = $1 AND t.prediction_id IS NOT NULL) AS transfers,
      (SELECT jsonb_agg(to_jsonb(e) - $2::text[] ORDER BY e.seq) FROM events e
        WHERE e.user_id = $1 AND e.prediction_id IS NOT NULL) AS events,
      (SELECT jsonb_agg(to_jsonb(p) - $2::text[] || jsonb_build_object(
          'queued', p.queued_at = p.created_at, 'finished', p.finished_at >= p.queued_at,
          'due', p.due_at - p.queued_at = interval '10 seconds', 'dueAtLast', p.due_at = p.deadline)
        ORDER BY p.id) FROM predictions p WHERE p.user_id = $1) AS predictions`,
    [userId, [...ids, ...times]],
  )
  return all.rows[0]
}

/** An answer without what differs between any two. */
const told = (rows: Row[]) =>
  rows.map(({ prediction_id, id, user_id, at, ...row }) => ({ ...row, isTimed: at !== null }))

/** One case, once by the short way of a call alone and once by that of a batch. */
async function bothWays(test: Case): Promise<void> {
  const key = `key ${randomUUID()}`
  const deadline = new Date(Date.now() + test.deadlineInS * 1000)
  const [alone, met] = [await callerOf(test, key), await callerOf(test, key)]
  const [a, b] = [callOf(alone, key, test, deadline), callOf(met, key, test, deadline)]
  const batch = (call: HoldItem) =>
    JSON.stringify([holdRecord({ ...call, hash: HASH }, 0, test.maxOpen, [])])

  const before = await writtenOf(alone)
  const short = await rowsOf(`SELECT * FROM hold_prediction($1, '10 seconds')`, [batch(a)])
  const long = await rowsOf(`SELECT * FROM hold_predictions($1, '10 seconds', '{}')`, [batch(b)])
  if (long[0]?.outcome !== 'HELD') {
    expect(short).toEqual([])
    expect(await writtenOf(alone)).toEqual(before)
    return
  }
  expect(told(short)).toEqual(told(long))
  expect(short[0]?.prediction_id).toBe(a.id)
  expect(await writtenOf(alone)).toEqual(await writtenOf(met))
  await bothEnds(test, [alone, a.id], [met, b.id])
}

/** The end of both, by the two ways. */
async function bothEnds(
  test: Case,
  [alone, idAlone]: [string, string],
  [met, idMet]: [string, string],
): Promise<void> {
  const closing = (id: string) =>
    JSON.stringify([
      { n: 0, ...closingOf(id, 'succeed'), ...(test.explanation && { explanation: { of: 'ü' } }) },
    ])
  for (const id of [idAlone, idMet]) {
    if (test.before === 'its start')
      await pool.query('SELECT FROM start_predictions(ARRAY[$1::uuid])', [id])
    if (test.before === 'its deadline')
      await pool.query('UPDATE predictions SET deadline = now() WHERE id = $1', [id])
    if (test.before === 'its end')
      await pool.query('SELECT FROM close_predictions($1)', [
        JSON.stringify([{ n: 0, ...closingOf(id, 'fail') }]),
      ])
  }
  const before = await writtenOf(alone)
  const short = await rowsOf('SELECT * FROM capture_prediction($1)', [closing(idAlone)])
  const long = await rowsOf('SELECT * FROM close_predictions($1)', [closing(idMet)])
  if (long[0]?.to_status !== 'SUCCEEDED') {
    expect(short).toEqual([])
    expect(await writtenOf(alone)).toEqual(before)
    return
  }
  expect(told(short)).toEqual(told(long))
  expect(short[0]).toMatchObject({ id: idAlone, user_id: alone })
  expect(await writtenOf(alone)).toEqual(await writtenOf(met))
  expect(await ledgerFaults(kit.seeds, [alone, met])).toEqual([])
}

it('a call alone is paid for and captured as in a batch, or left to it', async () => {
  await fc.assert(fc.asyncProperty(cases, bothWays), { numRuns: fuzzRuns(60) })
}, 1_200_000)

it.each([
  { of: 'a person’s call', calls: 1, balance: 3, by: ['hold_prediction', 'flush_commits'] },
  {
    of: 'a call that is refused',
    calls: 1,
    balance: 0,
    by: ['hold_prediction', 'hold_predictions'],
  },
  {
    of: 'a call that is sent again',
    calls: 1,
    balance: 3,
    again: true,
    by: ['hold_prediction', 'hold_predictions', 'flush_commits'],
  },
  { of: 'calls that meet', calls: 3, balance: 9, by: ['hold_predictions', 'flush_commits'] },
])('$of is paid for by $by', async ({ calls, balance, again, by }) => {
  const { userId } = await kit.user({ balance })
  const deadline = new Date(Date.now() + 600_000)
  const call = () => ({ ...callOf(userId, randomUUID(), PLAIN, deadline), hash: HASH })
  const first = call()
  if (again) await kit.seeds.holds.submit({ ...first, id: randomUUID() })
  const batch = [first, ...Array.from({ length: calls - 1 }, call)]
  const sent = await statementsOf(() =>
    Promise.all(batch.map((each) => kit.seeds.holds.submit(each))),
  )
  expect(sent.map(({ name }) => name)).toEqual(by)
})

it('what nobody has bought is not captured', async () => {
  const closing = JSON.stringify([{ n: 0, ...closingOf(randomUUID(), 'succeed') }])
  expect(await rowsOf('SELECT * FROM capture_prediction($1)', [closing])).toEqual([])
})
