import { randomUUID } from 'node:crypto'
import { readAlerts, seeAlerts, watchAlerts } from '@presage/domain/desk/alerts'
import { approveDecision } from '@presage/domain/desk/approve-decision'
import { calibration } from '@presage/domain/desk/calibration'
import { createManager } from '@presage/domain/desk/create-manager'
import { decide, type VerdictOn } from '@presage/domain/desk/decide'
import { deskChanged } from '@presage/domain/desk/desk-changed'
import { deskViewer } from '@presage/domain/desk/desk-viewer'
import {
  DecisionConflictError,
  DecisionNotWaitingError,
  DeskForbiddenError,
  OutcomeTakenError,
  ScoreOutdatedError,
  SecondPersonError,
} from '@presage/domain/desk/errors'
import { changePolicy } from '@presage/domain/desk/policy'
import { readDecisions, readWaiting } from '@presage/domain/desk/read-decisions'
import { readOutcomes, recordOutcome } from '@presage/domain/desk/record-outcome'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { openSession } from '@presage/domain/identity/open-session'
import { describe, expect, it, vi } from 'vitest'
import type { Api } from '../../kit/api.js'
import { openDesk, paymentOf, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { give } from '../../kit/seed-user.js'
import type { Stack } from '../../kit/stack.js'

const kit = await openKit()
const { desk, domain, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)
const page = { limit: 50, inverted: false }

/** A scored client of a manager; the score, of 0.125, proposes to approve. */
async function scored(line: { amountTotal?: number; currency?: 'TWD' | 'EUR' } = {}) {
  const manager = await stage.manager()
  const terms = { amountTotal: 90_000, creditLimit: 1_000, annualRate: 0.15, currency: 'TWD' }
  const clientId = await stage.client({
    managerId: manager.userId,
    line: { ...terms, ...line } as never,
  })
  return { manager, clientId, scoreId: await writeScore(desk, clientId) }
}

const declineOf = (scoreId: string, more: Partial<VerdictOn> = {}): VerdictOn => ({
  ...{ scoreId, verdict: 'DECLINE', reason: 'The shop is closing.' },
  ...more,
})

/** Has both calls wait for the client before either goes on. */
async function atOnce<T>(clientId: string, begin: () => Promise<T>[]) {
  const holder = await kit.db.pool.connect()
  try {
    await holder.query('BEGIN')
    await holder.query('SELECT FROM clients WHERE user_id = $1 FOR NO KEY UPDATE', [clientId])
    const tries = Promise.allSettled(begin())
    await vi.waitFor(async () => {
      const { rows } = await sql(`SELECT count(*)::int AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'`)
      expect(rows).toEqual([{ waiting: 2 }])
    }, 5_000)
    await holder.query('COMMIT')
    return await tries
  } finally {
    holder.release()
  }
}

/** A client has moved to another band by a score. */
const alert = (managerId: string, clientId: string, scoreId: string) =>
  sql(
    `INSERT INTO desk_alerts (id, manager_id, client_id, score_id, from_band, to_band)
       VALUES ($3, $1, $2, $3, 'low', 'high')`,
    ...[managerId, clientId, scoreId],
  )

describe('a decision', () => {
  it('is a person’s, of what the policy proposes or for a reason', async () => {
    const { manager, clientId, scoreId } = await scored()
    const client = await as(clientId)
    const approve = { scoreId, verdict: 'APPROVE' as const }
    await expect(decide(desk, client, approve)).rejects.toThrow(DeskForbiddenError)
    await expect(decide(desk, await stage.manager(), approve)).rejects.toThrow(NotFoundError)
    const first = await decide(desk, manager, approve)
    expect(first).toMatchObject({ proposed: 'APPROVE', needsSecond: false, amount: 90_000 })
    const unreasoned = declineOf(scoreId, { reason: ' ', replaces: first.id })
    await expect(decide(desk, manager, unreasoned)).rejects.toThrow(InvalidInputError)
    const silent = declineOf(scoreId, { reason: null, replaces: first.id })
    await expect(decide(desk, manager, silent)).rejects.toThrow('The policy proposes APPROVE')
    const second = await decide(desk, manager, declineOf(scoreId, { replaces: first.id }))
    expect(second).toMatchObject({ verdict: 'DECLINE', needsSecond: false })
    const seen = await readDecisions(desk, client, clientId, page)
    expect(seen.map(({ id, overrideReason }) => [id, overrideReason])).toEqual([
      [second.id, null],
      [first.id, null],
    ])
    expect(await readDecisions(desk, manager, clientId, page)).toMatchObject([
      { overrideReason: 'The shop is closing.' },
      {},
    ])
    expect(await readDecisions(desk, await stage.manager(), clientId, page)).toEqual([])
  })

  it('follows the cut-offs of the policy as it stands', async () => {
    const { manager, scoreId } = await scored()
    await changePolicy(desk, admin, { approveBelow: 0.1, declineFrom: 0.125 }, 'a test')
    const strict = await decide(desk, manager, { scoreId, verdict: 'DECLINE' })
    await changePolicy(desk, admin, { approveBelow: 0.1, declineFrom: 0.35 }, 'a test')
    const refer = { scoreId, verdict: 'REFER' as const, replaces: strict.id }
    const mild = await decide(desk, manager, refer)
    await changePolicy(desk, admin, { approveBelow: 0.2 }, 'a test')
    expect([strict.proposed, mild.proposed]).toEqual(['DECLINE', 'REFER'])
    expect(mild.policyVersion).toBe(strict.policyVersion + 1)
  })

  it('waits above the policy’s amount for another person, whom it takes one of', async () => {
    const { manager, clientId, scoreId } = await scored({ amountTotal: 300_001 })
    const waiting = await decide(desk, manager, declineOf(scoreId))
    expect(waiting).toMatchObject({ needsSecond: true, secondBy: null })
    expect(await readDecisions(desk, await as(clientId), clientId, page)).toEqual([])
    for (const [who, found] of [
      [manager, [waiting.id]],
      [await stage.manager(), []],
    ] as const)
      expect((await readWaiting(desk, who, page)).map(({ id }) => id)).toEqual(found)
    expect((await readWaiting(desk, admin, page)).map(({ id }) => id)).toContain(waiting.id)
    await expect(approveDecision(desk, manager, waiting.id)).rejects.toThrow(SecondPersonError)
    await expect(approveDecision(desk, await stage.manager(), waiting.id)).rejects.toThrow(
      NotFoundError,
    )
    const other = await deskViewer(desk, await kit.user({ admin: true }))
    const tries = await Promise.allSettled(
      [admin, other].map((who) => approveDecision(desk, who, waiting.id)),
    )
    expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(tries.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: expect.any(DecisionNotWaitingError),
    })
    expect(await readWaiting(desk, manager, page)).toEqual([])
    expect(await readDecisions(desk, await as(clientId), clientId, page)).toHaveLength(1)
  })

  it('compares amounts in the policy’s currency', async () => {
    // € 7,400 are NT$ 296,141 by the card, and € 7,600 are NT$ 304,144.
    for (const [amountTotal, needsSecond] of [
      [7_400, false],
      [7_600, true],
    ] as const) {
      const { manager, scoreId } = await scored({ amountTotal, currency: 'EUR' })
      expect(await decide(desk, manager, declineOf(scoreId))).toMatchObject({ needsSecond })
    }
  })

  it('is replaced by naming it, by whoever is quicker, and waits for nobody then', async () => {
    const { manager, clientId, scoreId } = await scored({ amountTotal: 400_000 })
    const waiting = await decide(desk, manager, declineOf(scoreId))
    const anew = { scoreId, verdict: 'APPROVE' as const, replaces: waiting.id }
    const tries = await atOnce(clientId, () =>
      [manager, admin].map((who) => decide(desk, who, anew)),
    )
    const refused = tries.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
    expect(refused).toEqual([expect.any(DecisionConflictError)])
    expect(refused[0]).toMatchObject({ decision: { verdict: 'APPROVE' } })
    expect(await readWaiting(desk, manager, page)).toEqual([])
    await expect(approveDecision(desk, admin, waiting.id)).rejects.toThrow(DecisionNotWaitingError)
  })

  it('is on the latest score', async () => {
    const { manager, clientId, scoreId } = await scored()
    const latest = await writeScore(desk, clientId)
    const late = decide(desk, manager, { scoreId, verdict: 'APPROVE' })
    await expect(late).rejects.toThrow(ScoreOutdatedError)
    await expect(late).rejects.toMatchObject({ latestScoreId: latest })
  })

  it('is nobody’s on their own credit, and kept by the database', async () => {
    const { manager, clientId, scoreId } = await scored({ amountTotal: 400_000 })
    const self = { ...(await as(clientId)), isAdmin: true }
    await expect(decide(desk, self, declineOf(scoreId))).rejects.toThrow(DeskForbiddenError)
    const { id } = await decide(desk, manager, declineOf(scoreId))
    await expect(approveDecision(desk, self, id)).rejects.toThrow(DeskForbiddenError)
    const second = 'UPDATE decisions SET second_by = $1, second_at = now() WHERE id = $2'
    await expect(sql(second, manager.userId, id)).rejects.toThrow('decisions_second')
    await expect(sql(second, clientId, id)).rejects.toThrow('decisions_not_own')
    await expect(sql('UPDATE decisions SET amount = 1')).rejects.toThrow('never changes')
    await expect(sql('DELETE FROM decisions')).rejects.toThrow('refused')
    await sql('UPDATE users SET deleted_at = now() WHERE id = $1', clientId)
    await sweepDesk(desk)
    const { rows } = await sql('SELECT override_reason FROM decisions WHERE id = $1', id)
    expect(rows).toEqual([{ override_reason: '(erased)' }])
    expect(await readDecisions(desk, admin, clientId, page)).toEqual([])
  })
})

describe('an alert', () => {
  it('is told to the manager live, once, until it is seen', async () => {
    const { manager, clientId, scoreId } = await scored()
    const other = await stage.manager()
    await alert(manager.userId, clientId, scoreId)
    const watch = watchAlerts(desk, manager)
    expect((await watch.next()).value).toMatchObject({ id: scoreId, toBand: 'high', seenAt: null })
    const next = watch.next()
    // Its id may be the smaller one: scores are recorded in any order.
    const earlier = await writeScore(desk, clientId)
    await alert(manager.userId, clientId, earlier)
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
    const { manager, clientId, scoreId } = await scored()
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
    const { manager, clientId, scoreId: unknown } = await scored()
    const [late, paid] = [
      await writeScore(desk, clientId, '2026-05-31T23:59:59.999Z'),
      await writeScore(desk, clientId, '2026-06-01T00:00:00Z'),
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
    const { manager, clientId, scoreId } = await scored()
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
  })
})

describe('over the API', () => {
  /** The API as somebody who has an account without a session. */
  async function enter(stack: Stack, userId: string): Promise<Api> {
    const user = await kit.db.prisma.user.findUniqueOrThrow({ where: { id: userId } })
    const origin = { device: 'test', address: '127.0.0.1' }
    return stack.api(
      await kit.db.prisma.$transaction((tx) => openSession(domain.identity, tx, user, origin)),
    )
  }

  const clientOf = (api: Api, id: string, fields: string) =>
    api
      .field<{ client: Record<string, never> | null }>(
        `query ($id: ID!) { desk { client(id: $id) { ${fields} } } }`,
        { id },
      )
      .then(({ client }) => client)

  const DECISIONS = `decisions { nodes {
    verdict reason standsSince letter { date salutation decided reasons { title value } mayDo } } }`

  it('declines by a score with reasons in a letter, and tells what would help', async () => {
    const stack = await kit.stack({ env: { MODELS: 'credit-default' } })
    const { userId } = await createManager(desk, admin, {
      ...{ email: `${randomUUID()}@example.com`, firstName: 'Ada', lastName: 'Stone' },
    })
    const clientId = await stage.client({ managerId: userId })
    for (const [month, late] of [
      ['2026-04-01', 0],
      ['2026-05-01', 2],
      ['2026-06-01', 3],
    ] as const)
      await recordPayment(desk, admin, clientId, { ...paymentOf(month, late), paid: 100 })
    await give(domain, clientId, 'TOP_UP', 20)
    const [manager, client] = [await enter(stack, userId), await enter(stack, clientId)]
    const stranger = stack.api(await kit.user())
    const id = Buffer.from(`Client:${clientId}`).toString('base64')

    const asked = await client.field<{ score: { id: string; proposal: string } }>(
      `mutation ($client: ID!) { askScore(input: { client: $client, idempotencyKey: "a", waitMs: 20000 }) {
        ... on AskScorePayload { score { id proposal } } } }`,
      { client: id },
    )
    expect(asked.score.proposal).toBe('DECLINE')
    const decided = await manager.field<Record<string, unknown>>(
      `mutation ($score: ID!) { decide(input: { score: $score, verdict: DECLINE }) {
        __typename ... on Decision { id needsSecond } } }`,
      { score: asked.score.id },
    )
    expect(decided).toMatchObject({ __typename: 'Decision', needsSecond: false })

    const mine = await clientOf(client, id, DECISIONS)
    expect(mine).toMatchObject({
      decisions: {
        nodes: [
          {
            ...{ verdict: 'DECLINE', reason: null, standsSince: expect.any(String) },
            letter: {
              salutation: 'Dear Lin Moss,',
              decided: expect.stringContaining('NT$100,000'),
              mayDo: { length: 3 },
            },
          },
        ],
      },
    })
    const [letter] = (mine as unknown as { decisions: { nodes: { letter: Letter }[] } }).decisions
      .nodes
    const reasons = letter?.letter.reasons ?? []
    expect(reasons.length).toBeGreaterThan(1)
    expect(reasons.length).toBeLessThanOrEqual(4)
    expect(reasons[0]?.title).toMatch(/late/)
    expect(await raisedBy(clientId)).toEqual(
      expect.arrayContaining(reasons.map(({ title }) => title)),
    )
    expect(JSON.stringify(reasons)).toMatch(/NT\$[\d,]+/)
    const node = 'query ($id: ID!) { node(id: $id) { ... on Decision { verdict } } }'
    expect(await client.field(node, { id: decided.id })).toEqual({ verdict: 'DECLINE' })
    expect(await stranger.field(node, { id: decided.id })).toBeNull()
    expect(await stranger.field('query { desk { waitingDecisions { nodes { id } } } }')).toBeNull()

    const help = `whatWouldHelp { __typename ... on WhatWouldHelp {
      now { probability } steps { months probability band text } remaining } }`
    const told = (await clientOf(client, id, help)) as unknown as { whatWouldHelp: Told }
    const { now, steps } = told.whatWouldHelp
    expect(steps.map(({ months }) => months)).toEqual([1, 2, 3])
    const path = [now, ...steps].map(({ probability }) => probability)
    expect(path).toEqual([...path].sort((a, b) => b - a))
    expect(Number(path[3])).toBeLessThan(Number(path[0]) / 2)
    expect(steps[1]?.text).toMatch(/next two statements .*NT\$50,000, then NT\$/)
    const wallet = await client.field<{ wallet: { available: number } }>(
      'query { viewer { wallet { available } } }',
    )
    expect(wallet).toEqual({ wallet: { available: 15 } })
    const { rows } = await sql('SELECT count(*)::int FROM scores WHERE client_id = $1', clientId)
    expect(rows).toEqual([{ count: 1 }])
  })

  it('tells a manager of a client’s band live, and an admin of the version’s figures', async () => {
    const stack = await kit.stack({ workers: 0 })
    const { manager, clientId, scoreId } = await scored()
    const [boss, chief] = [await enter(stack, manager.userId), await enter(stack, admin.userId)]
    const client = await enter(stack, clientId)
    const watch = boss.subscribe<Record<string, unknown>>(
      'subscription { deskAlerts { id toBand client { email } score { probability } } }',
    )
    await alert(manager.userId, clientId, scoreId)
    const told = await watch.next()
    expect(told.value).toMatchObject({
      ...{ toBand: 'high', client: { email: expect.any(String) }, score: { probability: 0.125 } },
    })
    await alert(manager.userId, clientId, await writeScore(desk, clientId))
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
    const outcomeOf = `query ($score: ID!) {
      node(id: $score) { ... on Score { outcome { missed month fromPayment } } } }`
    const { data } = await client.ask(outcomeOf, { score })
    expect(data).toMatchObject({ node: { outcome: { missed: true, fromPayment: false } } })
    const figures = `{ desk { calibration(version: "1.0.0") { count missed brier auc { value }
      bins { count } } } }`
    expect(await boss.field(figures)).toMatchObject({
      calibration: { count: 1, missed: 1, brier: 0.875 ** 2, auc: null, bins: { length: 10 } },
    })
    expect((await client.ask(figures)).errors?.[0]?.extensions.code).toBe('DESK_FORBIDDEN')
  })

  interface Letter {
    reasons: { title: string; value: string }[]
  }
  interface Told {
    now: { probability: number }
    steps: { months: number; probability: number; text: string }[]
  }

  /** The titles of what raised a client's latest score. */
  async function raisedBy(clientId: string): Promise<string[]> {
    const { rows } = await sql('SELECT explanation FROM scores WHERE client_id = $1', clientId)
    const card = domain.catalogue.model('credit-default')?.card
    const named = [...(card?.features ?? []), ...(card?.derived ?? [])]
    return rows[0].explanation.contributions
      .filter(({ contribution }: { contribution: number }) => contribution > 0)
      .map(({ feature }: { feature: string }) => named.find(({ name }) => name === feature)?.title)
  }
})
