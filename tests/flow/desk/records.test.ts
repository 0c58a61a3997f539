import { LOG_INS, seedDesk } from '@presage/deploy/desk/seed-desk'
import { assignClients } from '@presage/domain/desk/assign-clients'
import { deskViewer } from '@presage/domain/desk/desk-viewer'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { editClient } from '@presage/domain/desk/edit-client'
import {
  AlreadyThereError,
  ManagerDismissedError,
  MonthTakenError,
  StaleEditError,
} from '@presage/domain/desk/errors'
import { findClient, findClients } from '@presage/domain/desk/find-clients'
import {
  type ClientFilter,
  type ClientOrder,
  type ClientPage,
  listClients,
  listStatement,
} from '@presage/domain/desk/list-clients'
import { addNote, readEdits, readNotes } from '@presage/domain/desk/notes'
import { openCreditLine } from '@presage/domain/desk/open-credit-line'
import { changePolicy } from '@presage/domain/desk/policy'
import { readPortfolio } from '@presage/domain/desk/portfolio'
import { readClient } from '@presage/domain/desk/read-client'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { scoreInputs } from '@presage/domain/desk/score-input'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { EmailTakenError } from '@presage/domain/identity/errors'
import { logIn } from '@presage/domain/identity/log-in'
import type { ModelCard } from '@presage/models/card/card-schema'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { openDesk, paymentOf, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)
const page = { limit: 50, inverted: false }

describe('what the database holds', () => {
  it('is one line for each client', async () => {
    const clientId = await stage.client()
    const terms = { amountTotal: 1, creditLimit: 1000, annualRate: 0, currency: 'EUR' as const }
    await expect(openCreditLine(desk, admin, clientId, terms)).rejects.toThrow(AlreadyThereError)
    const copy = sql(
      `INSERT INTO credit_lines SELECT gen_random_uuid(), client_id, amount_total, credit_limit,
         annual_rate, currency, opened_at FROM credit_lines WHERE client_id = $1`,
      clientId,
    )
    await expect(copy).rejects.toThrow('credit_lines_client_id_key')
  })

  it('is a month once for each line, whoever is quicker, and as it was written', async () => {
    const clientId = await stage.client()
    const tries = [1, 2, 3].map((late) =>
      recordPayment(desk, admin, clientId, paymentOf('2026-05-01', late)),
    )
    const results = await Promise.allSettled(tries)
    const refused = results.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
    expect(refused.map((reason) => reason instanceof MonthTakenError)).toEqual([true, true])
    expect((await readClient(desk, admin, clientId)).months).toHaveLength(1)
    await expect(sql('UPDATE payment_months SET paid = 0')).rejects.toThrow('payment_months')
    await expect(sql('DELETE FROM payment_months')).rejects.toThrow('payment_months')
  })

  it('is a score that never changes, but for the account of a person who is gone', async () => {
    const clientId = await stage.client()
    const scoreId = await writeScore(desk, clientId)
    const blank = 'UPDATE scores SET input = NULL, explanation = NULL WHERE id = $1'
    await expect(sql(blank, scoreId)).rejects.toThrow('never changes')
    await expect(sql('UPDATE scores SET probability = 0')).rejects.toThrow('never changes')
    await expect(sql('DELETE FROM scores')).rejects.toThrow('scores')
    await expect(sql('TRUNCATE scores CASCADE')).rejects.toThrow('refused')
    await addNote(desk, admin, clientId, 'Called twice.')
    await editClient(desk, admin, clientId, { version: 1, changes: { age: 44 } })
    await sql('UPDATE users SET deleted_at = now() WHERE id = $1', clientId)
    await sweepDesk(desk)
    const [score] = (await sql('SELECT * FROM scores WHERE id = $1', scoreId)).rows
    expect(score).toMatchObject({ input: null, probability: 0.125, rating: '0.88' })
    const [row] = (await sql('SELECT * FROM clients WHERE user_id = $1', clientId)).rows
    expect(row).toMatchObject({ first_name: '', age: null, search_text: '' })
    const trail = await sql('SELECT before, after FROM client_edits WHERE client_id = $1', clientId)
    expect(trail.rows).toEqual([{ before: null, after: null }])
    expect((await sql('SELECT FROM client_notes WHERE client_id = $1', clientId)).rowCount).toBe(0)
    await expect(findClient(desk, admin, clientId)).rejects.toThrow(NotFoundError)
    await expect(sql('UPDATE scores SET probability = 0')).rejects.toThrow('never changes')
  })

  it('is that a dismissal keeps every record and leaves no client behind', async () => {
    const [leaving, successor] = [await stage.manager(), await stage.manager()]
    const managerId = leaving.userId
    const clients = await Promise.all(
      [1, 2, 3].map(() => stage.client({ managerId }, ['2026-01-01'])),
    )
    const moved = await dismissManager(desk, admin, managerId, successor.userId)
    expect(moved.map(({ clientId }) => clientId).sort()).toEqual([...clients].sort())
    expect(await as(managerId)).toMatchObject({ isManager: false })
    for (const id of clients) {
      const card = await readClient(desk, successor, id)
      expect(card).toMatchObject({ line: { currency: 'TWD' }, months: [{ month: '2026-01-01' }] })
      const [edit] = await readEdits(desk, successor, id, page)
      expect(edit).toMatchObject({ field: 'managerId', before: managerId, after: successor.userId })
      await expect(findClient(desk, leaving, id)).rejects.toThrow(NotFoundError)
    }
    await expect(assignClients(desk, admin, clients, managerId)).rejects.toThrow(
      ManagerDismissedError,
    )
    await dismissManager(desk, admin, successor.userId, null)
    const nobodys = await listClients(desk, admin, { managerId: null }, { by: 'name' }, page)
    expect(nobodys.map(({ userId }) => userId)).toEqual(expect.arrayContaining(clients))
    await expect(sql('DELETE FROM managers')).rejects.toThrow('managers')
  })

  it('holds of a dismissal that is written behind the domain too', async () => {
    const { userId: managerId } = await stage.manager()
    const clientId = await stage.client({ managerId })
    await sql('UPDATE managers SET dismissed_at = now() WHERE user_id = $1', managerId)
    expect(await findClient(desk, admin, clientId)).toMatchObject({ managerId: null })
    const back = sql('UPDATE clients SET manager_id = $1 WHERE user_id = $2', managerId, clientId)
    await expect(back).rejects.toThrow('runs no portfolio')
  })
})

describe('an edit', () => {
  it('of two at once refuses the later with how the client stands now', async () => {
    const [manager, other] = [await stage.manager(), await stage.manager()]
    const clientId = await stage.client({ managerId: manager.userId })
    const edit = (dependants: number) =>
      editClient(desk, manager, clientId, { version: 1, changes: { dependants } })
    const results = await Promise.allSettled([edit(1), edit(2)])
    const won = results.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []))
    const lost = results.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
    expect(won).toHaveLength(1)
    expect(lost[0]).toBeInstanceOf(StaleEditError)
    expect(lost[0].current).toMatchObject({ version: 2, dependants: won[0]?.dependants })
    const trail = await readEdits(desk, manager, clientId, page)
    expect(trail).toMatchObject([
      { field: 'dependants', before: null, after: won[0]?.dependants, actorId: manager.userId },
    ])
    const theirs = editClient(desk, other, clientId, { version: 2, changes: { dependants: 0 } })
    await expect(theirs).rejects.toThrow(NotFoundError)
  })

  it('clears what may be missing, and marks a score stale when the score is made from it', async () => {
    const clientId = await stage.client({ profile: { firstName: 'Li', lastName: 'Wu', income: 9 } })
    await writeScore(desk, clientId)
    const edit = (version: number, changes: object) =>
      editClient(desk, admin, clientId, { version, changes })
    expect(await edit(1, { income: null })).toMatchObject({
      income: null,
      stale: false,
      version: 2,
    })
    expect(await edit(2, { creditLimit: 5000.5 })).toMatchObject({ stale: true, version: 3 })
    expect((await readClient(desk, admin, clientId)).line?.creditLimit).toBe(5000.5)
    await expect(edit(3, { lastName: null })).rejects.toThrow(InvalidInputError)
    expect(await edit(3, { creditLimit: 5000.5 })).toMatchObject({ version: 3 })
  })

  it('refuses the same on creation and edit, and says what would do', async () => {
    const wrong = { age: 17, dependants: 21, income: -1, housing: 'CAVE', firstName: ' ' }
    const clientId = await stage.client()
    const faults = async (work: Promise<unknown>) => {
      const error = await work.catch((refusal: unknown) => refusal)
      if (!(error instanceof InvalidInputError)) throw error
      return error.issues.map(({ path, min, max, choices }) => [
        path[0],
        min ?? max ?? choices?.[0],
      ])
    }
    const sent = wrong as object
    const edited = await faults(editClient(desk, admin, clientId, { version: 1, changes: sent }))
    const created = await faults(
      stage.client({
        profile: { lastName: 'Wu', ...sent } as { firstName: string; lastName: string },
      }),
    )
    expect(created.sort()).toEqual(edited.sort())
    expect(Object.fromEntries(edited)).toEqual({
      ...{ age: 18, dependants: 20, income: 0, housing: 'OWNED', firstName: 1 },
    })
  })

  it('leaves protected fields to admins, and hides them, until the policy switches them on', async () => {
    const manager = await stage.manager()
    const profile = { firstName: 'Li', lastName: 'Wu', age: 40, sex: 'FEMALE' as const }
    const clientId = await stage.client({ managerId: manager.userId, profile })
    const edit = () => editClient(desk, manager, clientId, { version: 1, changes: { age: 41 } })
    await expect(edit()).rejects.toThrow(InvalidInputError)
    expect(await findClient(desk, manager, clientId)).toMatchObject({ age: null, sex: null })
    expect(await findClient(desk, await as(clientId), clientId)).toMatchObject({ age: 40 })
    await changePolicy(desk, admin, { protectedFields: true }, 'a test')
    expect(await edit()).toMatchObject({ age: 41, sex: 'FEMALE' })
    await changePolicy(desk, admin, { protectedFields: false }, 'a test')
    await expect(sql('UPDATE desk_policies SET payer = $1', 'DESK')).rejects.toThrow('refused')
  })
})

it('shows managers their own clients and clients themselves', async () => {
  const [mine, others] = [await stage.manager(), await stage.manager()]
  const clientId = await stage.client({ managerId: mine.userId })
  const client = await as(clientId)
  await addNote(desk, mine, clientId, 'Prefers mornings.')
  expect(await readNotes(desk, mine, clientId, page)).toHaveLength(1)
  await expect(readNotes(desk, others, clientId, page)).rejects.toThrow(NotFoundError)
  await expect(readNotes(desk, client, clientId, page)).rejects.toThrow('Only the desk')
  await expect(recordPayment(desk, client, clientId, paymentOf('2026-01-01'))).rejects.toThrow(
    'Only',
  )
  await expect(listClients(desk, client, {}, { by: 'name' }, page)).rejects.toThrow('Only')
  expect(await findClient(desk, client, clientId)).toMatchObject({ userId: clientId })
  await expect(findClient(desk, client, await stage.client())).rejects.toThrow(NotFoundError)
  await expect(assignClients(desk, mine, [clientId], mine.userId)).rejects.toThrow('Only an admin')
  const { email } = await findClient(desk, client, clientId)
  await expect(stage.client({ email: email.toUpperCase() })).rejects.toThrow(EmailTakenError)
})

describe('a score that an edit leaves as it would be computed again', () => {
  /** The desk, with another card of its model on sale. */
  function selling(change: (card: ModelCard) => Partial<ModelCard>) {
    const { catalogue } = desk.domain
    const sold = catalogue.model('credit-default')
    if (!sold) throw new Error('the model is shipped')
    const model = () => ({ ...sold, card: { ...sold.card, ...change(sold.card) } })
    return { domain: { ...desk.domain, catalogue: { model } as unknown as typeof catalogue } }
  }

  it('is not stale, and what counts is what the card of the model takes', async () => {
    const clientId = await stage.client()
    await writeScore(desk, clientId)
    const unused = { age: 44, income: 1, housing: 'OWNED', lastName: 'Wu', byPost: true } as const
    const terms = { amountTotal: 1, annualRate: 0.2 }
    const changes = { ...unused, ...terms }
    const edited = await editClient(desk, admin, clientId, { version: 1, changes })
    expect(edited).toMatchObject({ version: 2, stale: false })
    expect(await readEdits(desk, admin, clientId, page)).toHaveLength(7)
    const taking = selling(({ features: [first, ...others] }) => ({
      features: first ? [first, { ...first, name: 'income' }, ...others] : [],
    }))
    const income = { version: 2, changes: { income: 2 } }
    expect(await editClient(taking, admin, clientId, income)).toMatchObject({ stale: true })
  })

  it('is stale as soon as another version is on sale, without a row being written', async () => {
    const manager = await stage.manager()
    const clientId = await stage.client({ managerId: manager.userId })
    await writeScore(desk, clientId)
    const newer = selling(() => ({ version: '9.9.9' }))
    expect(await findClient(desk, manager, clientId)).toMatchObject({ stale: false })
    expect(await findClient(newer, manager, clientId)).toMatchObject({ stale: true })
    const filter = { stale: true }
    expect(await listClients(newer, manager, filter, { by: 'name' }, page)).toHaveLength(1)
    expect(await listClients(desk, manager, filter, { by: 'name' }, page)).toEqual([])
    expect(await readPortfolio(newer, manager, null)).toMatchObject({ stale: 1 })
    const { rows } = await sql('SELECT stale FROM clients WHERE user_id = $1', clientId)
    expect(rows).toEqual([{ stale: false }])
  })
})

it('tells the latest month, whatever order months come in, and a payment marks the score stale', async () => {
  const clientId = await stage.client({}, ['2026-03-01'])
  await writeScore(desk, clientId)
  const older = await recordPayment(desk, admin, clientId, paymentOf('2026-02-01', 4))
  expect(older).toMatchObject({ monthsLate: 0, stale: true, balance: 50_000 })
  const newer = await recordPayment(desk, admin, clientId, paymentOf('2026-04-01', 2))
  expect(newer).toMatchObject({ monthsLate: 2 })
  const future = recordPayment(desk, admin, clientId, paymentOf('2199-01-01'))
  await expect(future).rejects.toThrow(InvalidInputError)
})

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
         (ARRAY['low', 'high'])[1 + n % 2] AS band, '1.0.0' AS version, now() AS at
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

  it.each(orders)('is paged by $by (descending: $descending) without loss', async (order) => {
    const seen: string[] = []
    const read = (slice: ClientPage) => listClients(desk, manager, {}, order, slice)
    for (let after: ClientPage['after']; ; ) {
      const rows = await read({ limit: 700, after })
      seen.push(...rows.map(({ userId }) => userId))
      const last = rows.at(-1)
      if (!last) break
      after = last.place
    }
    expect(new Set(seen).size).toBe(COUNT)
    expect(seen).toHaveLength(COUNT)
    const [tenth, twentieth] = await Promise.all(
      [10, 20].map(async (limit) => (await read({ limit })).at(-1)?.place),
    )
    const between = { after: tenth, before: twentieth, limit: 5, inverted: true }
    expect((await read(between)).map(({ userId }) => userId)).toEqual(seen.slice(14, 19).reverse())
  })

  it.each(orders)('is served by $by (descending: $descending) from its index', async (order) => {
    const [row] = await listClients(desk, manager, {}, order, { limit: 1 })
    const { text, values } = listStatement(desk, manager, {}, order, {
      limit: 50,
      after: row?.place,
    })
    const { rows } = await sql(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, ...values)
    const plan = JSON.stringify(rows)
    expect(plan).toContain('clients_manager_id_')
    expect(plan).not.toMatch(/"Node Type":"(Sort|Incremental Sort)".*"Relation Name":"clients"/)
    const { 'Shared Hit Blocks': hit, 'Shared Read Blocks': read } = rows[0]['QUERY PLAN'][0].Plan
    expect(hit + read).toBeLessThan(600)
  })

  const count = async (filter: ClientFilter) =>
    (await listClients(desk, manager, filter, { by: 'name' }, { limit: COUNT })).length

  it('is filtered and searched, by names and e-mail, in one statement', async () => {
    expect(await count({ unscored: true })).toBe(COUNT / 3)
    expect(await count({ stale: true })).toBe(COUNT / 15)
    expect(await count({ unscored: false, bands: ['high'] })).toBe(COUNT / 3)
    expect(await count({ delinquent: true })).toBe((COUNT * 3) / 4)
    expect(await count({ search: 'L77 王' })).toBe(11)
    expect(await count({ search: 'P77@EXAMPLE.com' })).toBe(1)
    expect(await count({ search: '%' })).toBe(0)
    expect(await count({ managerId: admin.userId })).toBe(COUNT)
    const everybody = await listClients(desk, admin, {}, { by: 'name' }, { limit: 3 * COUNT })
    expect(everybody.length).toBeGreaterThanOrEqual(2 * COUNT)
  })
})

it('reads a card in four statements, and a page, a look-up or all inputs in one', async () => {
  const clients = await Promise.all([1, 2, 3].map(() => stage.client({}, ['2026-03-01'])))
  const [first = ''] = clients
  const queries = vi.spyOn(desk.domain.db.pool, 'query')
  const statementsOf = async (read: Promise<unknown>) => {
    await read
    return queries.mock.calls.splice(0).length
  }
  try {
    expect(await statementsOf(readClient(desk, admin, first))).toBe(4)
    expect(await statementsOf(findClients(desk, admin, clients))).toBe(1)
    expect(await statementsOf(scoreInputs(desk.domain.db, clients))).toBe(1)
    expect(await statementsOf(as(first))).toBe(1)
    const all = { search: 'moss', delinquent: false, stale: false, unscored: true }
    const page = { limit: 100 }
    expect(await statementsOf(listClients(desk, admin, all, { by: 'rating' }, page))).toBe(1)
  } finally {
    queries.mockRestore()
  }
})

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
