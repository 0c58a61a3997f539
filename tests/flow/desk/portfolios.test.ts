import {
  type ClientFilter,
  type ClientOrder,
  type ClientPage,
  type ListedClient,
  listClients,
} from '@presage/domain/desk/list-clients'
import { beforeAll, describe, expect, it } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { planOf, statementsOf } from '../../kit/statements.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)

describe('a portfolio of thousands', () => {
  const COUNT = 3000
  let manager: Awaited<ReturnType<typeof stage.manager>>

  beforeAll(async () => {
    manager = await stage.manager()
    const other = await stage.manager()
    await sql(
      `WITH person AS (
         SELECT gen_random_uuid() AS id, n FROM generate_series(1, ${2 * COUNT}) n
       ), account AS (
         INSERT INTO users (id, email, email_key, password_hash)
         SELECT id, 'p' || n || '@example.com', 'p' || n || '@example.com', '' FROM person)
       INSERT INTO clients (user_id, manager_id, first_name, last_name, created_at, name_key,
         search_text, months_late, latest_score_id, rating, band, scored_version, scored_at, stale)
       SELECT person.id, CASE WHEN n <= ${COUNT} THEN $1 ELSE $2 END::uuid, 'F', 'L' || n, now(),
         'l' || n, '王 f l' || n || ' p' || n || '@example.com', n % 4,
         s.id, s.rating, s.band, s.version, s.at, s.id IS NOT NULL AND n % 10 = 0
       FROM person LEFT JOIN LATERAL (SELECT gen_random_uuid() AS id, (n % 100) / 100.0 AS rating,
         (ARRAY['low', 'high'])[1 + n % 2] AS band, '1.0.0' AS version,
         now() - n % 97 * interval '1 hour' AS at
         WHERE n % 3 > 0) s ON true`,
      manager.userId,
      other.userId,
    )
    await sql('ANALYZE clients')
    await sql('ANALYZE users')
  })

  const orders = (['name', 'rating', 'monthsLate', 'scoredAt'] as const).flatMap((by) =>
    [false, true].map((descending): ClientOrder => ({ by, descending })),
  )

  /** Never scored stands behind the best rating, and before the oldest score. */
  const keys: Record<ClientOrder['by'], (client: ListedClient) => string | number> = {
    name: ({ lastName }) => lastName.toLowerCase(),
    rating: ({ rating }) => rating ?? 2,
    monthsLate: ({ monthsLate }) => monthsLate ?? -1,
    scoredAt: ({ scoredAt }) => scoredAt?.getTime() ?? 0,
  }

  it.each(orders)('is paged by $by (descending: $descending) without loss', async (order) => {
    const seen: string[] = []
    const sorted: (string | number)[] = []
    const read = (slice: ClientPage) => listClients(desk, manager, {}, order, slice)
    for (let after: ClientPage['after']; ; ) {
      const rows = await read({ limit: 700, after })
      seen.push(...rows.map(({ userId }) => userId))
      sorted.push(...rows.map(keys[order.by]))
      const last = rows.at(-1)
      if (!last) break
      after = last.place
    }
    expect(new Set(seen).size).toBe(COUNT)
    expect(seen).toHaveLength(COUNT)
    const ascending = order.descending ? sorted.toReversed() : sorted
    expect(ascending.every((key, n) => n === 0 || key >= (ascending[n - 1] ?? key))).toBe(true)
    expect(new Set(sorted).size).toBeGreaterThan(3)
    const [tenth, twentieth] = await Promise.all(
      [10, 20].map(async (limit) => (await read({ limit })).at(-1)?.place),
    )
    const between = { after: tenth, before: twentieth, limit: 5, inverted: true }
    expect((await read(between)).map(({ userId }) => userId)).toEqual(seen.slice(14, 19).reverse())
  })

  it.each(orders)('is served by $by (descending: $descending) from its index', async (order) => {
    const [row] = await listClients(desk, manager, {}, order, { limit: 1 })
    const slice = { limit: 50, after: row?.place }
    const [statement] = await statementsOf(() => listClients(desk, manager, {}, order, slice))
    if (!statement) throw new Error('a list is a statement')
    const { indexes, scanned, rowsRead } = await planOf(kit.db.pool, statement)
    expect(indexes).toContainEqual(expect.stringMatching(/^clients_manager_id_/))
    expect(scanned).not.toContain('clients')
    // Each with its account, and the policies.
    expect(rowsRead).toBeLessThan(50 + 50 + 10)
  })

  const count = async (filter: ClientFilter) =>
    (await listClients(desk, manager, filter, { by: 'name' }, { limit: COUNT })).length

  it('is filtered and searched, by names and e-mail, in one statement', async () => {
    expect(await count({ unscored: true })).toBe(COUNT / 3)
    expect(await count({ stale: true })).toBe(COUNT / 15)
    expect(await count({ unscored: false, bands: ['high'] })).toBe(COUNT / 3)
    expect(await count({ delinquent: true })).toBe((COUNT * 3) / 4)
    expect(await count({ delinquent: false })).toBe(COUNT / 4)
    expect(await count({ stale: false })).toBe(COUNT - COUNT / 15)
    expect(await count({ bands: ['low', 'high'] })).toBe((COUNT * 2) / 3)
    expect(await count({ bands: ['low'], delinquent: true })).toBe(COUNT / 6)
    expect(await count({ search: 'L77 王' })).toBe(11)
    expect(await count({ search: 'P77@EXAMPLE.com' })).toBe(1)
    expect(await count({ search: '%' })).toBe(0)
    expect(await count({ managerId: admin.userId })).toBe(COUNT)
    const everybody = await listClients(desk, admin, {}, { by: 'name' }, { limit: 3 * COUNT })
    expect(everybody.length).toBeGreaterThanOrEqual(2 * COUNT)
  })
})
