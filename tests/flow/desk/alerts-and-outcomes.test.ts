import { readAlerts, seeAlerts, watchAlerts } from '@presage/domain/desk/alerts'
import { calibration } from '@presage/domain/desk/calibration'
import { deskChanged } from '@presage/domain/desk/desk-changed'
import { DeskForbiddenError, OutcomeTakenError } from '@presage/domain/desk/errors'
import { readOutcomes, recordOutcome } from '@presage/domain/desk/record-outcome'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { NotFoundError } from '@presage/domain/errors'
import { describe, expect, it } from 'vitest'
import { openDesk, paymentOf, writeAlert, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { signIn } from '../../kit/seed-user.js'

const kit = await openKit()
const { desk, domain, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)
const page = { limit: 50, inverted: false }

describe('an alert', () => {
  it('is told to the manager live, once, until it is seen', async () => {
    const { manager, clientId, scoreId } = await stage.scored()
    const other = await stage.manager()
    await writeAlert(kit.db, manager.userId, clientId, scoreId)
    const watch = watchAlerts(desk, manager)
    expect((await watch.next()).value).toMatchObject({ id: scoreId, toBand: 'high', seenAt: null })
    const next = watch.next()
    // Its id may be the smaller one: scores are recorded in any order.
    const earlier = await writeScore(desk, clientId)
    await writeAlert(kit.db, manager.userId, clientId, earlier)
    deskChanged(desk, [manager.userId])
    expect((await next).value).toMatchObject({ id: earlier })
    await watch.return?.()
    expect(await seeAlerts(desk, other, [scoreId])).toEqual([])
    expect(await seeAlerts(desk, manager, [scoreId])).toEqual([scoreId])
    expect(await seeAlerts(desk, manager, [scoreId])).toEqual([])
    const unseen = await readAlerts(desk, manager, { unseen: true }, page)
    expect(unseen.map(({ id }) => id)).toEqual([earlier])
    expect(await readAlerts(desk, manager, { unseen: false }, page)).toHaveLength(2)
    expect(await readAlerts(desk, other, { unseen: false }, page)).toEqual([])
    const client = await as(clientId)
    await expect(readAlerts(desk, client, { unseen: true }, page)).rejects.toThrow(
      DeskForbiddenError,
    )
    expect(() => watchAlerts(desk, client)).toThrow(DeskForbiddenError)
  })
})

describe('an outcome', () => {
  it('is recorded once, by who looks after the client', async () => {
    const { manager, clientId, scoreId } = await stage.scored()
    await expect(recordOutcome(desk, await as(clientId), scoreId, false)).rejects.toThrow(
      DeskForbiddenError,
    )
    await expect(recordOutcome(desk, await stage.manager(), scoreId, true)).rejects.toThrow(
      NotFoundError,
    )
    const tries = await Promise.allSettled(
      [manager, admin].map((who) => recordOutcome(desk, who, scoreId, true)),
    )
    const refused = tries.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
    expect(refused).toEqual([expect.any(OutcomeTakenError)])
    expect(refused[0]).toMatchObject({ outcome: { scoreId, missed: true } })
    await expect(sql('UPDATE outcomes SET missed = false')).rejects.toThrow('refused')
  })

  it('follows from the payment of the month after the score, unless a person records another', async () => {
    const { manager, clientId, scoreId: unknown } = await stage.scored()
    const [late, paid] = [
      await writeScore(desk, clientId, { at: '2026-05-31T23:59:59.999Z' }),
      await writeScore(desk, clientId, { at: '2026-06-01T00:00:00Z' }),
    ]
    const before = await calibration(desk, admin, '1.0.0')
    const read = async () =>
      Object.fromEntries(
        (await readOutcomes(kit.db, [late, paid, unknown])).map(({ scoreId, ...of }) => [
          scoreId,
          of,
        ]),
      )
    await recordPayment(desk, manager, clientId, paymentOf('2026-05-01', 8))
    expect(await read()).toEqual({})
    await recordPayment(desk, manager, clientId, paymentOf('2026-06-01', 1))
    await recordPayment(desk, manager, clientId, paymentOf('2026-07-01', 0))
    const recordedAt = expect.any(Date)
    const fromMonth = { fromPayment: true, recordedAt }
    expect(await read()).toEqual({
      [late]: { missed: true, month: '2026-06-01', ...fromMonth },
      [paid]: { missed: false, month: '2026-07-01', ...fromMonth },
    })
    expect(await calibration(desk, manager, '1.0.0')).toMatchObject({ count: 2, missed: 1 })
    expect(await calibration(desk, admin, '1.0.0')).toMatchObject({
      ...{ count: before.count + 2, missed: before.missed + 1 },
    })
    const said = await recordOutcome(desk, manager, late, false)
    expect(said).toMatchObject({ missed: false, month: '2026-06-01', fromPayment: false })
    expect((await read())[late]).toEqual({
      ...{ missed: false, month: '2026-06-01', fromPayment: false, recordedAt },
    })
    expect(await calibration(desk, manager, '1.0.0')).toMatchObject({ count: 2, missed: 0 })
    await expect(recordOutcome(desk, manager, late, true)).rejects.toThrow(OutcomeTakenError)
  })

  it('makes a version’s live figures, of a portfolio or of the whole desk', async () => {
    const { manager, clientId, scoreId } = await stage.scored()
    const second = await writeScore(desk, clientId)
    const before = await calibration(desk, admin, '1.0.0')
    await recordOutcome(desk, manager, scoreId, true)
    await recordOutcome(desk, manager, second, false)
    const own = await calibration(desk, manager, '1.0.0')
    // Both of 0.125, and one of them missed.
    expect(own).toMatchObject({ count: 2, missed: 1, auc: { value: 0.5 } })
    expect(own.brier).toBeCloseTo((0.875 ** 2 + 0.125 ** 2) / 2, 12)
    expect(own.bins[1]).toEqual({ from: 0.1, to: 0.2, count: 2, expected: 0.125, observed: 0.5 })
    expect(own.bins[0]).toMatchObject({ count: 0, expected: null, observed: null })
    expect((await calibration(desk, admin, '1.0.0')).count).toBe(before.count + 2)
    expect(await calibration(desk, await stage.manager(), '1.0.0')).toMatchObject({
      ...{ count: 0, brier: null, auc: null },
    })
    expect((await calibration(desk, admin, '9.9.9')).count).toBe(0)
    const newer = await writeScore(desk, clientId, { version: '1.1.0', probability: 0.75 })
    await recordOutcome(desk, manager, newer, true)
    expect(await calibration(desk, manager, '1.1.0')).toMatchObject({
      ...{ count: 1, missed: 1, brier: 0.25 ** 2, auc: null },
    })
    expect(await calibration(desk, manager, '1.0.0')).toEqual(own)
  })
})

it('tells a manager of a client’s band live, and an admin of the version’s figures', async () => {
  const stack = await kit.stack({ workers: 0 })
  const enter = async (userId: string) => stack.api(await signIn(kit.seeds, userId))
  const { manager, clientId, scoreId } = await stage.scored()
  const [boss, chief] = [await enter(manager.userId), await enter(admin.userId)]
  const client = await enter(clientId)
  const watch = boss.subscribe<Record<string, unknown>>(
    'subscription { deskAlerts { id toBand client { email } score { probability } } }',
  )
  await writeAlert(kit.db, manager.userId, clientId, scoreId)
  const told = await watch.next()
  expect(told.value).toMatchObject({
    ...{ toBand: 'high', client: { email: expect.any(String) }, score: { probability: 0.125 } },
  })
  await writeAlert(kit.db, manager.userId, clientId, await writeScore(desk, clientId))
  const live = watch.next()
  // Whatever changes of the client wakes who watches.
  await chief.field(
    `mutation ($client: ID!) { recordPayment(input: { client: $client, month: "2026-01-01",
      billed: 1, paid: 1, monthsLate: 0 }) { __typename } }`,
    { client: Buffer.from(`Client:${clientId}`).toString('base64') },
  )
  expect((await live).value).toMatchObject({ toBand: 'high' })
  const { id } = told.value as { id: string }
  const refused = client.subscribe('subscription { deskAlerts { id } }').next()
  await expect(refused).rejects.toThrow()
  const see = `mutation ($ids: [ID!]!) { seeAlerts(ids: $ids) {
    __typename ... on SeenAlerts { count } } }`
  expect(await client.field(see, { ids: [id] })).toEqual({ __typename: 'DeskForbiddenError' })
  expect(await boss.field(see, { ids: [id] })).toMatchObject({ count: 1 })
  const alerts = '{ desk { alerts(unseen: true) { nodes { id } } } }'
  expect(await boss.field(alerts)).toMatchObject({ alerts: { nodes: { length: 1 } } })

  const record = `mutation ($score: ID!) { recordOutcome(score: $score, missed: true) { __typename
    ... on ScoreOutcome { missed } ... on OutcomeTakenError { code outcome { missed } } } }`
  const score = Buffer.from(`Score:${scoreId}`).toString('base64')
  expect(await boss.field(record, { score })).toEqual({
    ...{ __typename: 'ScoreOutcome', missed: true },
  })
  expect(await chief.field(record, { score })).toMatchObject({
    ...{ __typename: 'OutcomeTakenError', outcome: { missed: true } },
  })
  const known = `query ($id: ID!) { node(id: $id) { ... on Score {
    outcome { missed month } askedBy { email } isAskedByClient } } }`
  expect(await client.field(known, { id: score })).toMatchObject({
    ...{ outcome: { missed: true }, askedBy: null, isAskedByClient: false },
  })
  const unknown = Buffer.from(`Score:${await writeScore(desk, clientId)}`).toString('base64')
  expect(await client.field(known, { id: unknown })).toMatchObject({ outcome: null })
  const figures = `{ desk { calibration(version: "1.0.0") { count missed brier auc { value }
    bins { count } } } }`
  expect(await boss.field(figures)).toMatchObject({
    calibration: { count: 1, missed: 1, brier: 0.875 ** 2, auc: null, bins: { length: 10 } },
  })
  expect((await client.ask(figures)).errors?.[0]?.extensions.code).toBe('DESK_FORBIDDEN')
})
