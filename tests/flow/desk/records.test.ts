import { assignClients } from '@presage/domain/desk/assign-clients'
import { readLines, readMonths } from '@presage/domain/desk/credit-line'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { editClient } from '@presage/domain/desk/edit-client'
import {
  AlreadyThereError,
  ManagerDismissedError,
  MonthTakenError,
} from '@presage/domain/desk/errors'
import { findClient } from '@presage/domain/desk/find-clients'
import { listClients } from '@presage/domain/desk/list-clients'
import { addNote, readEdits, readNotes } from '@presage/domain/desk/notes'
import { openCreditLine } from '@presage/domain/desk/open-credit-line'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { EmailTakenError } from '@presage/domain/identity/errors'
import { describe, expect, it } from 'vitest'
import { openDesk, paymentOf, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)
async function cardOf(clientId: string) {
  const [line] = await readLines(kit.db, [clientId])
  return { line, months: line ? await readMonths(kit.db, [line.id], 24) : [] }
}

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
    expect((await cardOf(clientId)).months).toHaveLength(1)
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
      expect(await findClient(desk, successor, id)).toMatchObject({ managerId: successor.userId })
      expect(await cardOf(id)).toMatchObject({
        line: { currency: 'TWD' },
        months: [{ month: '2026-01-01' }],
      })
      const [edit] = await readEdits(desk, successor, [id], page)
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

it('shows managers their own clients and clients themselves', async () => {
  const [mine, others] = [await stage.manager(), await stage.manager()]
  const clientId = await stage.client({ managerId: mine.userId })
  const client = await as(clientId)
  await addNote(desk, mine, clientId, 'Prefers mornings.')
  expect(await readNotes(desk, mine, [clientId], page)).toHaveLength(1)
  expect(await readNotes(desk, others, [clientId], page)).toEqual([])
  await expect(readNotes(desk, client, [clientId], page)).rejects.toThrow('Only the desk')
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
