import { readGallery } from '@presage/domain/uploads/read-gallery'
import { uploadIssues } from '@presage/domain/uploads/require-uploads'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import { expect, it } from 'vitest'
import { openKit } from '../kit/kit.js'

const kit = await openKit()

const HISTORY = 1500
const PAGE = 10
const USES_EACH = 4

/** Uploads of a user, each used by some predictions, written behind the domain's back. */
const fill = (userId: string) =>
  kit.db.pool.query(
    `WITH photos AS (
       INSERT INTO uploads (id, user_id, media_type, bytes, width, height, created_at, expires_at)
       SELECT uuidv7(), $1, 'image/png', 1, 1, 1, now(), now() + interval '1 day'
       FROM generate_series(1, ${HISTORY}) RETURNING id),
     made AS (
       INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
         artifact_sha256, input, explain, price, created_at)
       SELECT uuidv7(), $1, 'DRAFT', 1, 'toll', '1.0.0', 'one', repeat('a', 64), '{}', false, 1, now()
       FROM generate_series(1, ${HISTORY * USES_EACH}) RETURNING id),
     numbered AS (SELECT id, row_number() OVER () AS n FROM made),
     placed AS (SELECT id, row_number() OVER () AS n FROM photos)
     INSERT INTO upload_uses (prediction_id, upload_id, user_id, used_at)
     SELECT m.id, p.id, $1, now() FROM numbered m JOIN placed p ON p.n = m.n % ${HISTORY} + 1`,
    [userId],
  )

/** One connection, so that what it reads can be told. */
const domain = kit.domain({ poolSize: 1 })

async function rowsReadBy<T>(work: () => Promise<T>): Promise<[number, T]> {
  const rowsRead = async () =>
    (
      await domain.db.pool.query<{ read: number }>(
        `SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int AS read
         FROM pg_stat_xact_user_tables`,
      )
    ).rows[0]?.read ?? Number.NaN
  await domain.db.pool.query('BEGIN')
  const before = await rowsRead()
  const answer = await work()
  const read = (await rowsRead()) - before
  await domain.db.pool.query('COMMIT')
  return [read, answer]
}

it('a page of the gallery and a claim read what they name, behind a long history', async () => {
  const user = await kit.user()
  await fill(user.userId)
  // Neither statement is kept: as long as nobody knows of the tables, a page is sorted.
  await kit.db.pool.query('ANALYZE uploads, upload_uses, predictions')
  const page = { limit: PAGE, inverted: false }
  const [read, photos] = await rowsReadBy(() => readGallery(domain, user.userId, page))
  expect(photos).toHaveLength(PAGE)
  // Each upload, its uses, and the prediction of each.
  expect(read).toBeGreaterThanOrEqual(PAGE * (1 + 2 * USES_EACH))
  expect(read).toBeLessThan(PAGE * (1 + 2 * USES_EACH) + 10)
  const model = {
    card: { features: [{ name: 'photo', title: 'Photo', type: 'upload' }] },
  } as unknown as InstalledModel
  const parsed = { model, values: { photo: photos[0]?.id ?? '' }, stored: {}, pinned: false }
  const claims = [{ parsed: parsed as never, predictionId: null }]
  const [claimed, issues] = await rowsReadBy(() => uploadIssues(domain, user, claims))
  expect(issues).toEqual([[]])
  expect(claimed).toBeLessThan(5)
  const none = { model: { card: { features: [] } }, values: {} } as never
  const nothing = [{ parsed: none, predictionId: null }]
  expect((await rowsReadBy(() => uploadIssues(domain, user, nothing)))[0]).toBe(0)
})
