import { readLines, readMonths } from '@presage/domain/desk/credit-line'
import { findClient } from '@presage/domain/desk/find-clients'
import { importCreditLines } from '@presage/domain/desk/import/import-credit-lines'
import { scoreInputs } from '@presage/domain/desk/score-input'
import { InvalidInputError } from '@presage/domain/errors'
import { describe, expect, it, vi } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { emailOf, fileOf, HEADER, tables } from '../../kit/desk-files.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { desk, admin, ...stage } = await openDesk(kit)

describe('a file of credit lines', () => {
  const LINES = HEADER.replace('firstName,lastName,age,manager,', '')
  const linesOf = (rows: readonly string[]) => fileOf(rows, LINES)
  const open = (rows: readonly string[], dryRun = false) =>
    importCreditLines(desk, admin, { file: linesOf(rows), dryRun })
  const clientOf = async (more: object = {}) => {
    const id = await stage.client({ line: null, ...more })
    return { id, email: await emailOf(kit.db, id) }
  }
  const TERMS = '100,1000,0.15,TWD'

  it('opens those of clients who have none, with their months; a dry run opens none', async () => {
    const { userId: managerId } = await stage.manager()
    const [first, second] = [await clientOf({ managerId }), await clientOf()]
    const rows = [
      `${first.email.toUpperCase()},${TERMS},-50,50,2`,
      `${second.email},7,2000,0,EUR,,,`,
    ]
    const before = await tables(kit.db)
    expect(await open(rows, true)).toMatchObject({ rows: 2, accepted: 2, faults: [], dryRun: true })
    expect(await tables(kit.db)).toEqual(before)
    const watch = desk.domain.signals.watch(managerId)
    expect(await open(rows)).toMatchObject({ rows: 2, accepted: 2, faultCount: 0 })
    expect(await watch.next()).toBe(true)
    watch.close()
    expect(await tables(kit.db)).toEqual({
      ...{ ...before, lines: before.lines + 2, months: before.months + 1 },
    })
    expect(await findClient(desk, admin, first.id)).toMatchObject({ monthsLate: 2, balance: -50 })
    expect(await findClient(desk, admin, second.id)).toMatchObject({
      ...{ monthsLate: null, balance: null },
    })
    const lines = await readLines(kit.db, [first.id, second.id])
    const [whole, bare] = [first, second].map(({ id }) => lines.find((it) => it.clientId === id))
    const terms = { amountTotal: 100, creditLimit: 1000, annualRate: 0.15, currency: 'TWD' }
    expect(whole).toMatchObject(terms)
    expect(bare).toMatchObject({ currency: 'EUR' })
    expect(await readMonths(kit.db, [whole?.id ?? '', bare?.id ?? ''], 24)).toMatchObject([
      { lineId: whole?.id, month: '2026-09-01', billed: -50, paid: 50, monthsLate: 2 },
    ])
    const [input] = await scoreInputs(kit.db, [first.id])
    expect(input?.features).toMatchObject({ monthsLate1: 2 })
  })

  it('is refused with line and reason for whose line there is, and who is no client', async () => {
    const good = await clientOf()
    const has = await emailOf(kit.db, await stage.client())
    const manager = await emailOf(kit.db, (await stage.manager()).userId)
    const gone = await clientOf()
    await kit.db.pool.query('UPDATE clients SET erased_at = now() WHERE user_id = $1', [gone.id])
    const before = await tables(kit.db)
    const rows = [
      `${good.email},${TERMS},,,`,
      `${has},${TERMS},,,`,
      `${manager},${TERMS},,,`,
      `${gone.email},${TERMS},,,`,
      `nobody@example.com,${TERMS},,,`,
      `,${TERMS},,,`,
      `${good.email.toUpperCase()},${TERMS},,,`,
      'a@example.com,,,,,50,50,0',
      'b@example.com,100,0,2,GBP,,,',
      `c@example.com,${TERMS},50,,0`,
    ]
    for (const dryRun of [true, false]) {
      const report = await open(rows, dryRun)
      expect(report.faults.map(({ line, column, message }) => [line, column, message])).toEqual([
        [3, 'email', 'This client has a credit line already.'],
        ...[4, 5, 6].map((line) => [line, 'email', 'No client has this e-mail.']),
        [7, 'email', 'Say whose line it is.'],
        [8, 'email', 'This e-mail is on line 2 already.'],
        [9, 'limit', 'Send the terms of the line.'],
        ...['limit', 'annualRate', 'currency'].map((column) => [10, column, expect.any(String)]),
        [11, 'paid 2026-09', expect.any(String)],
      ])
      expect(report).toMatchObject({ rows: 10, accepted: dryRun ? 1 : 0, dryRun })
      expect(await tables(kit.db)).toEqual(before)
    }
    const managers = importCreditLines(desk, await stage.manager(), {
      ...{ file: linesOf([]), dryRun: true },
    })
    await expect(managers).rejects.toThrow('Only an admin')
    const header = importCreditLines(desk, admin, { file: fileOf([]), dryRun: true })
    await expect(header).rejects.toThrow(InvalidInputError)
  })

  it('sent by two at once is written once, and the other is told', async () => {
    const clients = await Promise.all([1, 2, 3].map(() => clientOf()))
    const rows = clients.map(({ email }) => `${email},${TERMS},50,50,0`)
    const before = await tables(kit.db)
    const reports = await Promise.all([open(rows), open([...rows].reverse())])
    expect(reports.map(({ accepted }) => accepted).sort()).toEqual([0, 3])
    expect(reports.map(({ faultCount }) => faultCount).sort()).toEqual([0, 3])
    expect(await tables(kit.db)).toEqual({
      ...{ ...before, lines: before.lines + 3, months: before.months + 3 },
    })
  })

  it('waits for a line that is being opened by hand, and is told of it', async () => {
    const { id, email } = await clientOf()
    const holder = await kit.db.pool.connect()
    try {
      await holder.query('BEGIN')
      await holder.query(
        `INSERT INTO credit_lines
           (id, client_id, amount_total, credit_limit, annual_rate, currency, opened_at)
         VALUES (gen_random_uuid(), $1, 1, 1, 0, 'EUR', now())`,
        [id],
      )
      const report = open([`${email},${TERMS},,,`])
      await vi.waitFor(async () => {
        const { rows } = await kit.db.pool.query(`SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock'`)
        expect(rows).toHaveLength(1)
      })
      await holder.query('COMMIT')
      expect(await report).toMatchObject({
        ...{
          accepted: 0,
          faults: [{ line: 2, message: 'This client has a credit line already.' }],
        },
      })
    } finally {
      holder.release()
    }
  })
})
