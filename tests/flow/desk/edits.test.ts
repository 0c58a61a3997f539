import { readLines } from '@presage/domain/desk/credit-line'
import { editClient } from '@presage/domain/desk/edit-client'
import { StaleEditError } from '@presage/domain/desk/errors'
import { findClient } from '@presage/domain/desk/find-clients'
import { listClients } from '@presage/domain/desk/list-clients'
import { readEdits } from '@presage/domain/desk/notes'
import { changePolicy } from '@presage/domain/desk/policy'
import { readPortfolio } from '@presage/domain/desk/portfolio'
import { PROFILE_FIELDS } from '@presage/domain/desk/profile'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import type { ModelCard } from '@presage/models/card/card-schema'
import { Education, Employment, MaritalStatus } from '@presage/prisma/generated/client/client'
import { describe, expect, it } from 'vitest'
import { openDesk, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)
const page = { limit: 50, inverted: false }

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
    const trail = await readEdits(desk, manager, [clientId], page)
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
    expect(await readLines(kit.db, [clientId])).toMatchObject([{ creditLimit: 5000.5 }])
    await expect(edit(3, { lastName: null })).rejects.toThrow(InvalidInputError)
    expect(await edit(3, { creditLimit: 5000.5 })).toMatchObject({ version: 3 })
  })

  it('sets all that may be missing and clears it again, with what a search finds', async () => {
    const manager = await stage.manager()
    const clientId = await stage.client({ managerId: manager.userId })
    const known = {
      ...{ middleName: 'Quill', sex: 'FEMALE', age: 40, education: Object.keys(Education)[0] },
      ...{ maritalStatus: Object.keys(MaritalStatus)[0], dependants: 2, income: 900.5 },
      ...{ employment: Object.keys(Employment)[0], housing: 'OWNED' },
      ...{ byPhone: true, byEmail: false, byPost: true },
    }
    const names = PROFILE_FIELDS.filter((name) => name !== 'firstName' && name !== 'lastName')
    expect(Object.keys(known).sort()).toEqual([...names].sort())
    const found = async (search: string) =>
      (await listClients(desk, manager, { search }, { by: 'name' }, page)).map(
        ({ userId }) => userId,
      )
    const edit = (version: number, changes: object) =>
      editClient(desk, admin, clientId, { version, changes })
    const { email } = await edit(1, known)
    expect(await findClient(desk, admin, clientId)).toMatchObject(known)
    for (const search of ['quill', 'LIN moss', email.toUpperCase()])
      expect(await found(search)).toEqual([clientId])
    const nothing = Object.fromEntries(names.map((name) => [name, null]))
    await edit(2, nothing)
    expect(await findClient(desk, admin, clientId)).toMatchObject(nothing)
    expect(await found('quill')).toEqual([])
    expect(await readEdits(desk, admin, [clientId], page)).toHaveLength(2 * names.length)
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
    expect(await readEdits(desk, admin, [clientId], page)).toHaveLength(7)
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
