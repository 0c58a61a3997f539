import { decide } from '@presage/domain/desk/decide'
import { addNote } from '@presage/domain/desk/notes'
import { rescoreClients } from '@presage/domain/desk/runs/start-run'
import type { Api } from './api.js'
import { openDesk, writeScore } from './desk.js'
import type { Kit } from './kit.js'
import { signIn } from './seed-user.js'
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

const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64')

/** One client with a line, months, a score, a decision, a note and a run, and every role as a caller of a server. */
export async function deskRoles(kit: Kit, stack: Stack) {
  const stage = await openDesk(kit)
  const [mine, other] = [await stage.manager(), await stage.manager()]
  const months = ['2026-06-01', '2026-05-01']
  const clientId = await stage.client({ managerId: mine.userId }, months)
  const otherId = await stage.client({ managerId: other.userId }, months)
  const scoreId = await writeScore(stage.desk, clientId)
  const verdict = { scoreId, verdict: 'DECLINE' as const, reason: 'Moved abroad.' }
  const decision = await decide(stage.desk, stage.admin, verdict)
  const { run } = await rescoreClients(stage.desk, mine, [clientId], 'run')
  await addNote(stage.desk, stage.admin, clientId, 'Calls back on Fridays.')
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
      decision: globalId('Decision', decision.id),
      run: globalId('DeskRun', run.id),
    },
  }
}
