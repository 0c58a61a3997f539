import { randomUUID } from 'node:crypto'
import { cancelPrediction } from '@presage/domain/predictions/cancel-prediction'
import { createDraft } from '@presage/domain/predictions/drafts'
import { predict } from '@presage/domain/predictions/predict'
import pg from 'pg'
import { describe, expect, it } from 'vitest'
import { openKit } from '../kit/kit.js'
import { closingOf, lapse } from '../kit/money-stage.js'
import type { TestVariant } from '../kit/test-catalogue.js'

const kit = await openKit()
const domain = kit.domain()
const alice = await kit.user({ balance: 50, bonus: 4 })

const requestOf = (variant: TestVariant) => ({ model: 'toll', variant, features: { n: 1 } })

async function bought(variant: TestVariant = 'three'): Promise<string> {
  const run = { idempotencyKey: randomUUID(), explain: false, waitMs: 0 }
  return (await predict(domain, alice, requestOf(variant), run)).prediction.id
}

/** One prediction in each state; a free one has no transfers. */
const ids = {
  SUCCEEDED: await bought(),
  FAILED: await bought(),
  CANCELED: await bought(),
  EXPIRED: await bought(),
  open: await bought(),
  free: await bought('free'),
  draft: (await createDraft(domain, alice, requestOf('three'))).prediction.id,
}
await domain.closings.submit(closingOf(ids.SUCCEEDED, 'succeed'))
await domain.closings.submit(closingOf(ids.FAILED, 'fail'))
await cancelPrediction(domain, alice, ids.CANCELED)
await lapse(domain, alice, ids.EXPIRED)
await domain.closings.submit(closingOf(ids.EXPIRED, 'expire'))

/** Anything that fits into a bigint and not into a number of JavaScript. */
const TOO_MUCH = 2 ** 53

type Row = Record<string, string | number | null>

/** A right row of each kind of transfer. */
const RIGHT = {
  SIGN_UP_BONUS: { debit: 'PROMOTIONS', credit: 'AVAILABLE', bonus_amount: 2 },
  BONUS: { debit: 'PROMOTIONS', credit: 'AVAILABLE', bonus_amount: 2 },
  TOP_UP: { debit: 'TOP_UPS', credit: 'AVAILABLE' },
  HOLD: { debit: 'AVAILABLE', credit: 'HELD', prediction_id: ids.free },
  CAPTURE: { debit: 'HELD', credit: 'REVENUE', prediction_id: ids.free },
  RELEASE: { debit: 'HELD', credit: 'AVAILABLE', prediction_id: ids.free },
  WITHDRAWAL: { debit: 'AVAILABLE', credit: 'WITHDRAWALS', reason: 'x', actor_id: alice.userId },
  ADJUSTMENT: { debit: 'ADJUSTMENTS', credit: 'AVAILABLE', reason: 'x', actor_id: alice.userId },
} satisfies Record<string, Row>

type Kind = keyof typeof RIGHT
const KINDS = Object.keys(RIGHT) as Kind[]

/** Writes a right transfer of its kind but for what is said to be otherwise. */
function booked(kind: Kind, otherwise: Row = {}): string {
  const row: Row = {
    ...{ user_id: alice.userId, seq: 1000, kind, amount: 2, bonus_amount: 0, available_after: 0 },
    ...{ created_at: '2026-11-20', ...RIGHT[kind], ...otherwise },
  }
  const values = Object.values(row).map((value) => (value === null ? 'NULL' : `'${value}'`))
  return `INSERT INTO transfers (${Object.keys(row)}) VALUES (${values})`
}

const wallet = (set: string) => `UPDATE wallets SET ${set} WHERE user_id = '${alice.userId}'`

const prediction = (which: keyof typeof ids, set: string) =>
  `UPDATE predictions SET ${set} WHERE id = '${ids[which]}'`

/** What refuses a statement, by its name or, of a trigger, in its words; null when nothing does. */
async function refusalOf(statement: string): Promise<string | null> {
  const client = await kit.db.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query(statement)
    return null
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    return error.constraint ?? error.message
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

describe('a transfer that was booked', () => {
  it.each([
    ['UPDATE', 'UPDATE transfers SET amount = amount + 1'],
    ['DELETE', 'DELETE FROM transfers'],
    ['TRUNCATE', 'TRUNCATE transfers'],
  ])('stays as it is: no %s', async (operation, statement) => {
    expect(await refusalOf(statement)).toBe(`transfers are append-only: ${operation} refused`)
  })
})

describe('a prediction that has ended', () => {
  const ends = ['SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'] as const
  it.each(ends)('stays as it ended: %s', async (status) => {
    const words = `prediction ${ids[status]} has ended as ${status}`
    for (const other of ['QUEUED', ...ends.filter((end) => end !== status)])
      expect(await refusalOf(prediction(status, `status = '${other}'`))).toBe(words)
  })
})

it.each(KINDS)('a right transfer is taken, and between no other accounts: %s', async (kind) => {
  expect(await refusalOf(booked(kind))).toBeNull()
  const { debit, credit } = RIGHT[kind]
  for (const wrong of [
    { debit: credit, credit: debit },
    { debit, credit: debit },
    { debit: 'REVENUE', credit },
    { debit, credit: 'TOP_UPS' },
  ]) {
    const isWayBack = kind === 'ADJUSTMENT' && wrong.debit === 'AVAILABLE'
    expect(await refusalOf(booked(kind, wrong))).toBe(isWayBack ? null : 'transfers_accounts')
  }
})

/** What must be refused, by the constraint that must refuse it. */
const REFUSED: Record<string, Record<string, string>> = {
  wallets_amounts: {
    'a balance below zero': wallet('balance = -1'),
    'a bonus below zero': wallet('bonus = -1'),
    'less than nothing held': wallet('held = -1'),
    'more than 2⁵³ held': wallet(`held = ${TOO_MUCH}`),
    'a balance past 2⁵³': wallet(`balance = ${TOO_MUCH}, bonus = 0`),
    'a bonus past 2⁵³': wallet(`bonus = ${TOO_MUCH}, balance = 0`),
    'more than 2⁵³ in both parts': wallet(`balance = ${TOO_MUCH - 1}, bonus = 1`),
  },
  transfers_accounts: {
    'a bonus that is partly paid credits': booked('BONUS', { bonus_amount: 1 }),
    'a top-up that is partly bonus': booked('TOP_UP', { bonus_amount: 1 }),
    'a withdrawal of bonus': booked('WITHDRAWAL', { bonus_amount: 1 }),
    'an adjustment of bonus': booked('ADJUSTMENT', { bonus_amount: 1 }),
  },
  transfers_amounts: {
    'a transfer of nothing': booked('TOP_UP', { amount: 0 }),
    'a transfer past 2⁵³': booked('TOP_UP', { amount: TOO_MUCH }),
    'less than nothing from bonus': booked('HOLD', { bonus_amount: -1 }),
    'more from bonus than in all': booked('HOLD', { bonus_amount: 3 }),
    'less than nothing left': booked('TOP_UP', { available_after: -1 }),
    'more than 2⁵³ left': booked('TOP_UP', { available_after: TOO_MUCH }),
  },
  transfers_grounds: {
    'a hold for nothing': booked('HOLD', { prediction_id: null }),
    'a capture of nothing': booked('CAPTURE', { prediction_id: null }),
    'a release of nothing': booked('RELEASE', { prediction_id: null }),
    'a top-up for a prediction': booked('TOP_UP', { prediction_id: ids.free }),
    'a withdrawal without a reason': booked('WITHDRAWAL', { reason: null }),
    'a withdrawal by nobody': booked('WITHDRAWAL', { actor_id: null }),
    'an adjustment without a reason': booked('ADJUSTMENT', { reason: null }),
    'an adjustment by nobody': booked('ADJUSTMENT', { actor_id: null }),
  },
  transfers_one_hold: {
    'a second hold while open': booked('HOLD', { prediction_id: ids.open }),
    'a second hold after the end': booked('HOLD', { prediction_id: ids.FAILED }),
  },
  transfers_one_resolution: {
    'a second capture': booked('CAPTURE', { prediction_id: ids.SUCCEEDED }),
    'a release after the capture': booked('RELEASE', { prediction_id: ids.SUCCEEDED }),
    'a second release': booked('RELEASE', { prediction_id: ids.FAILED }),
    'a capture after the release': booked('CAPTURE', { prediction_id: ids.FAILED }),
  },
  transfers_pkey: { 'two transfers with one number': booked('TOP_UP', { seq: 1 }) },
  transfers_user_id_idempotency_key_key: {
    'two transfers by one key': `${booked('TOP_UP', { idempotency_key: 'k' })};
      ${booked('TOP_UP', { idempotency_key: 'k', seq: 1001 })}`,
  },
  transfers_user_id_fkey: { 'a transfer of nobody': booked('TOP_UP', { user_id: randomUUID() }) },
  transfers_prediction_id_fkey: {
    'a hold for no prediction there is': booked('HOLD', { prediction_id: randomUUID() }),
    'a paid prediction that vanishes': `DELETE FROM predictions WHERE id = '${ids.SUCCEEDED}'`,
  },
  wallets_pkey: { 'a second wallet': `INSERT INTO wallets (user_id) VALUES ('${alice.userId}')` },
  wallets_user_id_fkey: {
    'a wallet of nobody': `INSERT INTO wallets (user_id) VALUES ('${randomUUID()}')`,
  },
  predictions_payment: {
    'a price below zero': prediction('draft', 'price = -1'),
    'less than nothing held of a part': prediction('open', 'held_bonus = -1, held_balance = 4'),
    'a price that was not held': prediction('open', 'price = price + 1'),
    'a draft that is paid for': prediction('draft', 'held_balance = 3'),
  },
  predictions_times: {
    'an open one that is never due': prediction('open', 'due_at = NULL'),
    'an open one without a deadline': prediction('open', 'deadline = NULL'),
    'an open one that was never queued': prediction('free', 'queued_at = NULL'),
    'an end at no time': prediction('SUCCEEDED', 'finished_at = NULL'),
    'an end of an open one': prediction('open', 'finished_at = now()'),
  },
  predictions_outcome: {
    'success without a result': prediction('SUCCEEDED', 'output = NULL'),
    'a failure without a reason': prediction('FAILED', 'failure = NULL'),
    'a result before the end': prediction('open', `output = '{}'`),
    'a failure that has a result': prediction('FAILED', `output = '{}'`),
    'an erased one that keeps its input': prediction('FAILED', 'erased_at = now()'),
  },
}

const rows = Object.entries(REFUSED).flatMap(([by, cases]) =>
  Object.entries(cases).map(([what, statement]) => ({ what, statement, by })),
)

it.each(rows)('$by refuses $what', async ({ statement, by }) => {
  expect(await refusalOf(statement)).toBe(by)
})

it('every rule of the ledger’s tables is among them', async () => {
  const { rows: rules } = await kit.db.pool.query<{ name: string }>(
    `SELECT conname AS name FROM pg_constraint
     WHERE conrelid IN ('wallets'::regclass, 'transfers'::regclass) AND contype IN ('c', 'f', 'p', 'u')
       OR conrelid = 'predictions'::regclass AND contype = 'c'
     UNION SELECT indexrelid::regclass::text FROM pg_index
     WHERE indrelid = 'transfers'::regclass AND indisunique`,
  )
  expect(Object.keys(REFUSED)).toEqual(expect.arrayContaining(rules.map(({ name }) => name)))
})
