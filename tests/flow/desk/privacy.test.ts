import type { Json, Presage } from '@presage/client'
import { askScore } from '@presage/domain/desk/ask-score'
import { createManager } from '@presage/domain/desk/create-manager'
import { deskAccount } from '@presage/domain/desk/desk-account'
import { editClient } from '@presage/domain/desk/edit-client'
import { findClient } from '@presage/domain/desk/find-clients'
import { readEdits } from '@presage/domain/desk/notes'
import { changePolicy } from '@presage/domain/desk/policy'
import { eraseGone } from '@presage/domain/desk/privacy/erase-gone'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import { NotFoundError } from '@presage/domain/errors'
import { describe, expect, it, vi } from 'vitest'
import { openDesk, paymentOf } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { openPresage } from '../../kit/open-presage.js'
import { give, signIn } from '../../kit/seed-user.js'

// What a person may ask for of what the desk knows of them, and what is left when they go.

const kit = await openKit()
const stack = await kit.stack({ env: { MODELS: 'credit-default' } })
const stage = await openDesk(kit)
const { desk, admin } = stage
const PASSWORD = 'a password of the desk’s privacy'
const MONTHS = ['2026-06-01', '2026-05-01', '2026-04-01']
const page = { limit: 50, inverted: false }
const sql = async (text: string, ...values: unknown[]) =>
  (await kit.db.pool.query(text, values)).rows

const clientNode = (id: string) => Buffer.from(`Client:${id}`).toString('base64')

const presageOf = async (userId: string) =>
  openPresage(stack.servers[0], await signIn(kit.seeds, userId))

async function newManager() {
  const named = { firstName: 'Quintilla', lastName: 'Vandersteen', phone: '+886 2 5550 1234' }
  const email = 'quintilla.v@example.com'
  return createManager(desk, admin, { email, password: PASSWORD, ...named })
}

/** What is written of the client below, by whom the desk knows it, and nowhere else. */
const TOLD = ['Zephyrine', 'Ottoline', 'Marblehead', 'Oldcastle', 'zephyrine.m@example.com']
const WRITTEN = ['Limps when it rains.', 'Her shop is closing.', '76543.21']

/** A client of whom all is known that can be, with scores that they and the desk have paid for. */
async function someone(managerId: string) {
  const profile = { firstName: 'Zephyrine', middleName: 'Ottoline', lastName: 'Marblehead' }
  const known = { sex: 'FEMALE', age: 43, income: 76_543.21, byEmail: true } as const
  const clientId = await stage.client(
    {
      ...{ email: 'zephyrine.m@example.com', password: PASSWORD, managerId },
      profile: { ...profile, ...known },
    },
    MONTHS,
  )
  await give(kit.seeds, clientId, 'TOP_UP', 20)
  await give(kit.seeds, await deskAccount(kit.db), 'TOP_UP', 50)
  const [own, manager] = [await presageOf(clientId), await presageOf(managerId)]
  const id = clientNode(clientId)
  await manager.desk.recordPayment({ client: id, ...paymentOf('2026-07-01', 3) })
  await own.desk.askScore(id)
  const edit = (version: number, lastName: string) =>
    editClient(desk, admin, clientId, { version, changes: { lastName } })
  await edit(1, 'Oldcastle')
  await edit(2, 'Marblehead')
  await manager.desk.addNote(id, 'Limps when it rains.')
  await changePolicy(desk, admin, { payer: 'DESK' }, 'a test')
  const { score } = await manager.desk.askScore(id)
  await manager.desk.decisions.decide({
    ...{ score: score?.id ?? '', verdict: 'APPROVE', reason: 'Her shop is closing.' },
  })
  const [first] = await sql('SELECT id FROM decisions WHERE client_id = $1', clientId)
  await manager.desk.decisions.decide({
    ...{ score: score?.id ?? '', verdict: 'DECLINE', reason: 'Her shop is closing.' },
    replaces: Buffer.from(`Decision:${first.id}`).toString('base64'),
  })
  // More than the model's card takes: an item of the desk's bulk is refused.
  await editClient(desk, admin, clientId, { version: 3, changes: { creditLimit: 999_999_999 } })
  const { run } = await manager.desk.runs.clients([id])
  await vi.waitFor(async () => {
    const [row] = await sql('SELECT refusal FROM desk_run_clients WHERE client_id = $1', clientId)
    expect(row?.refusal).toBe('INVALID_INPUT')
  }, 15_000)
  expect(run.id).toBeTruthy()
  await changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')
  return { clientId, own }
}

async function exported(presage: Presage): Promise<Record<string, Json>[]> {
  const records: Record<string, Json>[] = []
  for await (const record of presage.exportAccount()) records.push(record as Record<string, Json>)
  return records
}

/** In which tables any of these texts stands. */
async function tablesWith(texts: readonly string[]): Promise<string[]> {
  const tables = await sql(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
  )
  const found = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await sql(
        `SELECT count(*)::int AS n FROM "${name}" t
         WHERE EXISTS (SELECT FROM unnest($1::text[]) x WHERE lower(to_jsonb(t)::text) LIKE x)`,
        texts.map((text) => `%${text.toLowerCase()}%`),
      )
      return row.n > 0 ? [name] : []
    }),
  )
  return found.flat()
}

describe('a client', () => {
  it('is told in the export all that the desk knows of them, and then nothing is left but numbers', async () => {
    const { userId: managerId } = await newManager()
    const { clientId, own } = await someone(managerId)
    const other = await stage.client({ managerId }, MONTHS)

    const records = await exported(own)
    const of = (wanted: string) => records.filter(({ section }) => section === wanted)
    expect(of('client')).toMatchObject([
      {
        ...{ firstName: 'Zephyrine', middleName: 'Ottoline', sex: 'FEMALE', age: 43 },
        ...{ income: 76_543.21, byEmail: true, byPost: null, monthsLate: 3, balance: 50_000 },
      },
    ])
    expect(of('creditLine')).toMatchObject([{ limit: 999_999_999, currency: 'TWD' }])
    expect(of('paymentMonths').map(({ month, monthsLate }) => [month, monthsLate])).toEqual([
      ...[...MONTHS].reverse().map((month) => [month, 0]),
      ['2026-07-01', 3],
    ])
    expect(of('scores')).toMatchObject([
      { askedBy: 'CLIENT', input: { creditLimit: { value: 100_000 } }, outcome: null },
      { askedBy: 'DESK', explanation: { contributions: expect.any(Array) } },
    ])
    const decisions = of('decisions')
    expect(decisions).toMatchObject([
      { verdict: 'APPROVE', letter: null },
      { verdict: 'DECLINE', reason: 'Her shop is closing.', standsSince: expect.any(String) },
    ])
    expect(decisions[1]?.letter).toMatchObject({
      salutation: 'Dear Zephyrine Marblehead,',
      reasons: expect.arrayContaining([{ title: expect.any(String), value: expect.any(String) }]),
    })
    expect(of('clientEdits')).toMatchObject([
      { field: 'lastName', before: 'Marblehead', after: 'Oldcastle' },
      { field: 'lastName', after: 'Marblehead' },
      { field: 'creditLimit', before: 100_000, after: 999_999_999 },
    ])
    expect(of('clientNotes')).toMatchObject([{ text: 'Limps when it rains.' }])
    expect(of('manager')).toEqual([])
    const text = JSON.stringify(records)
    for (const id of [managerId, admin.userId, other]) expect(text).not.toContain(id)

    expect(await tablesWith([...TOLD, ...WRITTEN])).toEqual([
      ...['client_edits', 'client_notes', 'clients', 'decisions', 'users'],
    ])
    await own.deleteAccount(PASSWORD, { giveUpCredits: true })
    expect(await tablesWith([...TOLD, ...WRITTEN])).toEqual([])
    const [row] = await sql('SELECT * FROM clients WHERE user_id = $1', clientId)
    expect(row).toMatchObject({
      ...{ sex: null, age: null, income: null, by_email: null, manager_id: null },
      erased_at: expect.any(Date),
    })
    const paid = `SELECT input, output, explanation FROM predictions
      WHERE id IN (SELECT prediction_id FROM scorings WHERE client_id = $1)`
    expect(await sql(paid, clientId)).toEqual(
      Array.from({ length: 2 }, () => ({ input: {}, output: null, explanation: null })),
    )
    const scores = await sql('SELECT * FROM scores WHERE client_id = $1 ORDER BY id', clientId)
    expect(scores).toMatchObject([
      { input: null, explanation: null, probability: expect.any(Number) },
      { input: null, explanation: null, asked_by: managerId },
    ])
    const issues = `SELECT refusal -> 'issues' AS issues FROM bulk_items WHERE refusal IS NOT NULL`
    expect(await sql(issues)).toEqual([{ issues: [] }])
    const kept = `SELECT (SELECT count(*)::int FROM payment_months JOIN credit_lines l ON l.id = line_id
        WHERE l.client_id = $1) AS months,
      (SELECT count(*)::int FROM client_edits WHERE client_id = $1) AS edits,
      (SELECT count(*)::int FROM decisions WHERE client_id = $1) AS decisions`
    expect(await sql(kept, clientId)).toEqual([{ months: 4, edits: 3, decisions: 2 }])

    await expect(findClient(desk, admin, clientId)).rejects.toThrow(NotFoundError)
    const boss = await presageOf(managerId)
    expect(await boss.desk.client(clientNode(clientId))).toBeNull()
    expect(await boss.desk.client(clientNode(other))).toMatchObject({ id: clientNode(other) })
  })

  it('is told everything once, however many pages it takes, and goes on behind the page last seen', async () => {
    const clientId = await stage.client({}, MONTHS)
    await sql(
      `INSERT INTO client_notes (id, client_id, author_id, text)
       SELECT gen_random_uuid(), $1, $2, 'note ' || n FROM generate_series(1, 450) n`,
      ...[clientId, admin.userId],
    )
    const records = await exported(await presageOf(clientId))
    const notes = records.flatMap(({ section, text }) => (section === 'clientNotes' ? text : []))
    expect(notes).toHaveLength(450)
    expect(new Set(notes).size).toBe(450)
    const api = stack.api(await signIn(kit.seeds, clientId))
    const after = (cursor: string) =>
      api
        .subscribe<{ records: { section: string; month: string }[] }>(
          'subscription ($after: String) { accountExport(after: $after) { records } }',
          { after: cursor },
        )
        .next()
    expect((await after('paymentMonths:2026-04-01')).value?.records).toMatchObject([
      { section: 'paymentMonths', month: '2026-05-01' },
      { section: 'paymentMonths', month: '2026-06-01' },
    ])
    await expect(after('paymentMonths:next')).rejects.toThrow()
  })

  it('whose score is under way when they go has it recorded without what it was made from', async () => {
    await changePolicy(desk, admin, { payer: 'DESK' }, 'a test')
    const clientId = await stage.client({}, MONTHS)
    const run = { idempotencyKey: 'late', waitMs: 0 }
    const { prediction } = await askScore(desk, admin, clientId, run)
    await changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')
    await sql('UPDATE users SET deleted_at = now() WHERE id = $1', clientId)
    await eraseGone(desk)
    const [first] = await sql('SELECT * FROM clients WHERE user_id = $1', clientId)
    expect(first).toMatchObject({ erased_at: expect.any(Date), last_name: '' })
    // However late it ends.
    await sql(
      `UPDATE clients SET erased_at = now() - interval '1 hour' WHERE user_id = $1`,
      clientId,
    )
    const told = { label: 'paid', threshold: 0.35, meaning: '', measures: [] }
    await kit.seeds.closings.submit({
      ...{ id: prediction.id, status: 'SUCCEEDED' },
      output: { kind: 'classification', probability: 0.3, band: 'low', ...told },
      explanation: { method: 'tree-shap', unit: 'log-odds', baseline: -1, contributions: [] },
    })
    await desk.recorder.record()
    await sweepDesk(desk)
    const scores = await sql('SELECT input, explanation FROM scores WHERE client_id = $1', clientId)
    expect(scores).toEqual([{ input: null, explanation: null }])
    expect(await sql('SELECT input FROM predictions WHERE id = $1', prediction.id)).toEqual([
      { input: {} },
    ])
  })
})

describe('a manager', () => {
  it('is told of their own record, and leaves their clients behind without a name', async () => {
    const named = { firstName: 'Bartholomew', lastName: 'Crickhollow', phone: '+886 2 5550 9999' }
    const email = 'bartholomew.c@example.com'
    const account = { email, password: PASSWORD }
    const { userId: managerId } = await createManager(desk, admin, { ...account, ...named })
    const clientId = await stage.client({ managerId })
    const presage = await presageOf(managerId)
    const records = await exported(presage)
    expect(records.filter(({ section }) => section === 'manager')).toMatchObject([
      { ...named, hiredAt: expect.any(String), dismissedAt: null },
    ])
    expect(JSON.stringify(records)).not.toContain(clientId)
    const told = [...Object.values(named), email]
    expect(await tablesWith(told)).toEqual(['managers', 'users'])
    await presage.deleteAccount(PASSWORD, { giveUpCredits: true })
    expect(await tablesWith(told)).toEqual([])
    expect(await findClient(desk, admin, clientId)).toMatchObject({ managerId: null })
    expect(await readEdits(desk, admin, [clientId], page)).toMatchObject([
      { field: 'managerId', before: managerId, after: null, actorId: managerId },
    ])
    const [row] = await sql('SELECT dismissed_at FROM managers WHERE user_id = $1', managerId)
    expect(row).toEqual({ dismissed_at: expect.any(Date) })
  })
})
