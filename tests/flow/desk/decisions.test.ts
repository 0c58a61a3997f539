import { approveDecision } from '@presage/domain/desk/approve-decision'
import { decide, type VerdictOn } from '@presage/domain/desk/decide'
import { deskViewer } from '@presage/domain/desk/desk-viewer'
import {
  DecisionConflictError,
  DecisionNotWaitingError,
  DeskForbiddenError,
  ScoreOutdatedError,
  SecondPersonError,
} from '@presage/domain/desk/errors'
import { changePolicy } from '@presage/domain/desk/policy'
import { readDecisions, readWaiting } from '@presage/domain/desk/read-decisions'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { describe, expect, it } from 'vitest'
import { atOnce } from '../../kit/at-once.js'
import { openDesk, writeScore } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'

const kit = await openKit()
const { desk, domain, admin, as, ...stage } = await openDesk(kit)
const sql = (text: string, ...values: unknown[]) => kit.db.pool.query(text, values)
const page = { limit: 50, inverted: false }

const declineOf = (scoreId: string, more: Partial<VerdictOn> = {}): VerdictOn => ({
  ...{ scoreId, verdict: 'DECLINE', reason: 'The shop is closing.' },
  ...more,
})

describe('a decision', () => {
  it('is a person’s, of what the policy proposes or for a reason', async () => {
    const { manager, clientId, scoreId } = await stage.scored()
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
    const seen = await readDecisions(desk, client, [clientId], page)
    expect(seen.map(({ id, overrideReason }) => [id, overrideReason])).toEqual([
      [second.id, null],
      [first.id, null],
    ])
    expect(await readDecisions(desk, manager, [clientId], page)).toMatchObject([
      { overrideReason: 'The shop is closing.' },
      {},
    ])
    expect(await readDecisions(desk, await stage.manager(), [clientId], page)).toEqual([])
  })

  it('follows the cut-offs of the policy as it stands', async () => {
    const { manager, scoreId } = await stage.scored()
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
    const { manager, clientId, scoreId } = await stage.scored({ amountTotal: 300_001 })
    const proposed = await decide(desk, manager, { scoreId, verdict: 'APPROVE' })
    expect(proposed).toMatchObject({ needsSecond: false })
    const override = declineOf(scoreId, { replaces: proposed.id })
    const waiting = await decide(desk, manager, override)
    expect(waiting).toMatchObject({ needsSecond: true, secondBy: null })
    const standing = async () =>
      (await readDecisions(desk, await as(clientId), [clientId], page)).map(({ id }) => id)
    expect(await standing()).toEqual([proposed.id])
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
    expect(await standing()).toEqual([waiting.id, proposed.id])
  })

  it('compares amounts in the policy’s currency', async () => {
    // € 7,400 are NT$ 296,141 by the card, and € 7,600 are NT$ 304,144.
    for (const [amountTotal, currency, needsSecond] of [
      [7_400, 'EUR', false],
      [7_600, 'EUR', true],
      [300_000, 'TWD', false],
    ] as const) {
      const { manager, scoreId } = await stage.scored({ amountTotal, currency })
      expect(await decide(desk, manager, declineOf(scoreId))).toMatchObject({ needsSecond })
    }
  })

  it('is replaced by naming it, by whoever is quicker, and waits for nobody then', async () => {
    const { manager, clientId, scoreId } = await stage.scored({ amountTotal: 400_000 })
    const waiting = await decide(desk, manager, declineOf(scoreId))
    const anew = { scoreId, verdict: 'APPROVE' as const, replaces: waiting.id }
    const client = {
      text: 'SELECT FROM clients WHERE user_id = $1 FOR NO KEY UPDATE',
      values: [clientId],
    }
    const tries = await atOnce(kit.db.pool, client, () =>
      [manager, admin].map((who) => decide(desk, who, anew)),
    )
    const refused = tries.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
    expect(refused).toEqual([expect.any(DecisionConflictError)])
    expect(refused[0]).toMatchObject({ decision: { verdict: 'APPROVE' } })
    expect(await readWaiting(desk, manager, page)).toEqual([])
    await expect(approveDecision(desk, admin, waiting.id)).rejects.toThrow(DecisionNotWaitingError)
  })

  it('is on the latest score', async () => {
    const { manager, clientId, scoreId } = await stage.scored()
    const latest = await writeScore(desk, clientId)
    const late = decide(desk, manager, { scoreId, verdict: 'APPROVE' })
    await expect(late).rejects.toThrow(ScoreOutdatedError)
    await expect(late).rejects.toMatchObject({ latestScoreId: latest })
  })

  it('is nobody’s on their own credit, and kept by the database', async () => {
    const { manager, clientId, scoreId } = await stage.scored({ amountTotal: 400_000 })
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
    expect(await readDecisions(desk, admin, [clientId], page)).toEqual([])
  })
})
