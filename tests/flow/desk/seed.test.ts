import { LOG_INS, seedDesk } from '@presage/deploy/desk/seed-desk'
import { deskViewer } from '@presage/domain/desk/desk-viewer'
import { listClients } from '@presage/domain/desk/list-clients'
import { logIn } from '@presage/domain/identity/log-in'
import { expect, it } from 'vitest'
import { openKit } from '../../kit/kit.js'

it('is seeded once, with 1,510 clients evenly over 30 managers, their past and their scores', async () => {
  const { databaseUrl, db, seeds } = await openKit()
  const password = 'the password of a demonstration'
  const seed = () => seedDesk(databaseUrl, { password, now: new Date('2026-11-28T12:00:00Z') })
  const both = await Promise.all([seed(), seed()])
  expect(both.map(({ clients }) => clients).sort()).toEqual([0, 1510])
  expect(both.every(({ isDemonstration }) => isDemonstration)).toBe(true)
  const figures = async () =>
    (
      await db.pool.query(`SELECT
        (SELECT count(*)::int FROM users WHERE is_admin) AS admins,
        (SELECT count(*)::int FROM managers) AS managers,
        (SELECT min(n)::int || ' to ' || max(n) FROM
          (SELECT count(*) AS n FROM clients GROUP BY manager_id) portfolios) AS portfolios,
        (SELECT count(DISTINCT client_id)::int FROM credit_lines) AS lines,
        (SELECT count(*)::int FROM payment_months) AS months,
        (SELECT max(month)::text FROM payment_months) AS latest,
        (SELECT count(*)::int FROM scores WHERE explanation IS NOT NULL AND input IS NOT NULL) AS scores,
        (SELECT md5(string_agg(probability::text, ',' ORDER BY id)) FROM scores) AS hash,
        (SELECT count(*)::int FROM clients WHERE latest_score_id IS NULL) AS unscored,
        (SELECT count(*)::int FROM clients WHERE stale) AS stale,
        (SELECT avg(probability) FROM scores) AS mean,
        (SELECT count(*)::int FROM users WHERE email !~ '@example.com$') AS elsewhere,
        (SELECT balance::int FROM wallets JOIN desk_account USING (user_id)) AS credits`)
    ).rows[0]
  const first = await figures()
  expect(first).toMatchObject({
    ...{ admins: 2, managers: 30, portfolios: '50 to 51', lines: 1510, months: 18_120 },
    // The desk's own user has no e-mail.
    ...{ latest: '2026-10-01', credits: 100_000, elsewhere: 1 },
  })
  expect(first.scores).toBeGreaterThan(2500)
  expect(first.unscored).toBeGreaterThan(20)
  expect(first.stale).toBeGreaterThan(20)
  // Of the bank's clients 22 of 100 missed their payment.
  expect(Math.abs(first.mean - 0.22)).toBeLessThan(0.05)
  await seed()
  expect(await figures()).toEqual(first)
  const manager = await logIn(
    seeds.identity,
    { email: LOG_INS.manager, password },
    { device: 'test', address: '127.0.0.1' },
  )
  const theirs = await deskViewer({ domain: seeds }, manager.viewer)
  expect(theirs).toMatchObject({ isManager: true, isAdmin: false })
  expect(
    await listClients({ domain: seeds }, theirs, {}, { by: 'rating' }, { limit: 100 }),
  ).toHaveLength(51)
})
