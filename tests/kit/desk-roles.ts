import { creditInput } from '@presage/domain/desk/credit-input'
import { decide } from '@presage/domain/desk/decide'
import { editClient } from '@presage/domain/desk/edit-client'
import { editManager } from '@presage/domain/desk/edit-manager'
import { addNote } from '@presage/domain/desk/notes'
import { changePolicy } from '@presage/domain/desk/policy'
import { recordOutcome } from '@presage/domain/desk/record-outcome'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { rescoreClients } from '@presage/domain/desk/runs/start-run'
import { vi } from 'vitest'
import type { Api } from './api.js'
import { openDesk, paymentOf, writeAlert, writeScore } from './desk.js'
import type { Kit } from './kit.js'
import { give, signIn } from './seed-user.js'
import type { Stack } from './stack.js'

/** Who may ask for something of one client, from nobody to an admin. */
export const ROLES = [
  'nobody',
  'user',
  'client',
  'otherClient',
  'manager',
  'otherManager',
  'admin',
] as const
export type Role = (typeof ROLES)[number]

const SOON = { timeout: 30_000, interval: 50 }

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64')

const [LATEST, EARLIER] = ['2026-06-01', '2026-05-01'] as const
const LINE = { creditLimit: 100_000, currency: 'TWD' as const }
const inputOf = (monthsLate: number) =>
  creditInput({ line: LINE, months: [paymentOf(LATEST, monthsLate)] }) ?? {}
const EXPLANATION = {
  ...{ method: 'tree-shap', unit: 'log-odds', baseline: -1 },
  contributions: [{ feature: 'monthsLate1', value: 2, contribution: 0.5 }],
}

type Stage = Awaited<ReturnType<typeof openDesk>>

/**
 * One client of whom there is everything: a line with months, scores with reasons and outcomes, an
 * edit, a note, a decision with its letter, an alert, a policy that was changed, and a run that scored
 * them and refused another.
 * And every role as a caller of a server.
 */
export async function deskRoles(kit: Kit, stack: Stack) {
  const stage = await openDesk(kit)
  await changePolicy(stage.desk, stage.admin, { priceNote: 'Free.' }, 'a test')
  const [mine, other] = [await stage.manager(), await stage.manager()]
  const clientId = await stage.client({ managerId: mine.userId }, [EARLIER])
  await recordPayment(stage.desk, mine, clientId, paymentOf(LATEST))
  const otherId = await stage.client({ managerId: other.userId }, [EARLIER, LATEST])
  await editClient(stage.desk, mine, clientId, { version: 1, changes: { dependants: 1 } })
  await editManager(stage.desk, stage.admin, mine.userId, { phone: '5550100' })
  await addNote(stage.desk, stage.admin, clientId, 'Calls back on Fridays.')
  const earlierId = await writeScore(stage.desk, clientId, { input: inputOf(0) })
  const bare = await stage.client({ managerId: mine.userId })
  const runId = await endedRun(kit, stage, [clientId, bare])
  const scoreId = await writeScore(stage.desk, clientId, {
    ...{ probability: 0.25, input: inputOf(2), explanation: EXPLANATION },
  })
  await recordOutcome(stage.desk, mine, earlierId, false)
  await recordOutcome(stage.desk, mine, scoreId, true)
  const verdict = { scoreId, verdict: 'DECLINE' as const, reason: 'Moved abroad.' }
  const decision = await decide(stage.desk, stage.admin, verdict)
  await writeAlert(kit.db, mine.userId, clientId, scoreId)
  await writeAlert(kit.db, other.userId, otherId, await writeScore(stage.desk, otherId))
  const as = async (userId: string) => stack.api(await signIn(kit.seeds, userId))
  const apis: Record<Role, Api> = {
    nobody: stack.api(),
    user: stack.api(await kit.user()),
    client: await as(clientId),
    otherClient: await as(otherId),
    manager: await as(mine.userId),
    otherManager: await as(other.userId),
    admin: stack.api(await kit.user({ admin: true })),
  }
  return {
    ...{ stage, apis, clientId },
    ids: {
      client: globalId('Client', clientId),
      manager: globalId('Manager', mine.userId),
      score: globalId('Score', scoreId),
      earlier: globalId('Score', earlierId),
      decision: globalId('Decision', decision.id),
      run: globalId('DeskRun', runId),
    },
  }
}

/** A run of the first client's manager, in which the first pays for a worse score. */
async function endedRun(kit: Kit, { desk, as }: Stage, clientIds: string[]): Promise<string> {
  const [clientId = ''] = clientIds
  const { managerId } = await kit.db.prisma.client.findUniqueOrThrow({
    where: { userId: clientId },
  })
  await give(kit.seeds, clientId, 'TOP_UP', 5)
  const { run } = await rescoreClients(desk, await as(managerId ?? ''), clientIds, 'run')
  // The stack's server may be the one that holds the part, and that records the score.
  const { id } = await vi.waitFor(async () => {
    const asked = { where: { runId: run.id, clientId } }
    const { predictionId } = await kit.db.prisma.scoring.findFirstOrThrow(asked)
    return kit.db.prisma.prediction.findUniqueOrThrow({ where: { id: predictionId } })
  }, SOON)
  const output = { kind: 'classification' as const, probability: 0.5, band: 'high' }
  await kit.seeds.closings.submit({
    ...{ id, status: 'SUCCEEDED', explanation: EXPLANATION },
    output: { ...output, label: 'paid', threshold: 0.35, meaning: '', measures: [] },
  })
  await vi.waitFor(async () => {
    await desk.recorder.record()
    await kit.db.prisma.score.findUniqueOrThrow({ where: { predictionId: id } })
  }, SOON)
  return run.id
}
