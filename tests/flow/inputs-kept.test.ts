import { expect, it, vi } from 'vitest'
import { serve } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'

const kit = await openKit()
const { pool } = kit.db

const NOBODY_THERE = 'nats://127.0.0.1:1'
const SOON = { timeout: 30_000, interval: 50 }

/** Models that were installed once, and what was kept of their last cards. */
const GONE = {
  gone: { inputsKeptDays: 90 },
  'gone-for-ever-kept': { inputsKeptDays: null },
  'gone-unknown': null,
}

/** One more than are erased at a time. */
const RUNS_EACH = 501

/** Models, ages in days, and whether inputs of that age are still kept. */
const RUNS: [model: string, days: number, isKept: boolean][] = [
  ['bio-age', 91, true],
  ['bio-age', 364, true],
  ['bio-age', 366, false],
  ['depression-risk', 89, true],
  ['depression-risk', 91, false],
  ['gone', 89, true],
  ['gone', 91, false],
  ['gone-for-ever-kept', 4000, true],
  ['gone-unknown', 364, true],
  ['gone-unknown', 366, false],
  ['portrait-cutout', 4000, true],
]

async function seed() {
  const { userId } = await kit.user()
  for (const [model, contract] of Object.entries(GONE))
    await pool.query(
      `INSERT INTO model_versions (model, version, state, contract) VALUES ($1, '1.0.0', 'ON_SALE', $2)`,
      [model, contract],
    )
  for (const [model, days] of RUNS)
    await pool.query(
      `INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
         artifact_sha256, input, explain, price, created_at, queued_at, finished_at)
       SELECT uuidv7(-age), $1, 'CANCELED', 2, $2, '1.0.0', 'any', repeat('ab', 32), '{"n": 1}', false, 0,
         now() - age, now() - age, now() - age
       FROM make_interval(days => $3) AS age, generate_series(1, ${RUNS_EACH})`,
      [userId, model, days],
    )
}

it('a server erases the inputs that are older than their model lets them be kept, also of one that is gone', async () => {
  await seed()
  await serve(kit, NOBODY_THERE)
  const looked = async () =>
    (await kit.db.prisma.retentionMark.findMany()).map(({ model }) => model).sort()
  const termed = ['bio-age', 'credit-default', 'depression-risk', 'gone', 'gone-unknown']
  await vi.waitFor(async () => expect(await looked()).toEqual(termed), SOON)
  // Of the model that comes last the second part may still be under way.
  const runs = async () => {
    const { rows } = await pool.query(
      `SELECT model, extract(day FROM now() - created_at)::int AS days, input <> '{}' AS kept,
         count(*)::int FROM predictions GROUP BY 1, 2, 3 ORDER BY 1, 2`,
    )
    return rows
  }
  const expected = RUNS.map(([model, days, kept]) => ({ model, days, kept, count: RUNS_EACH }))
  await vi.waitFor(async () => expect(await runs()).toEqual(expected), SOON)
})

it('what a card says is known when its model is gone', async () => {
  await serve(kit, NOBODY_THERE)
  const { rows } = await pool.query(
    `SELECT model, (contract -> 'inputsKeptDays')::text AS days FROM model_versions
     WHERE model IN ('depression-risk', 'portrait-cutout') ORDER BY 1`,
  )
  expect(rows).toEqual([
    { model: 'depression-risk', days: '90' },
    { model: 'portrait-cutout', days: 'null' },
  ])
})
