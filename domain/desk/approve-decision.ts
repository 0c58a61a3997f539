import { NotFoundError } from '../errors.js'
import { latestDecision, requireAnother } from './decide.js'
import { DECISION_COLUMNS, type Decision } from './decision.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { DecisionNotWaitingError, SecondPersonError } from './errors.js'
import { findManaged } from './find-clients.js'
import { readDecisionsById } from './read-decisions.js'

/**
 * Approves another person's override, which stands from then on. Who does not approve decides anew
 * instead, in its place.
 *
 * @throws DeskForbiddenError, NotFoundError, SecondPersonError, DecisionNotWaitingError
 */
export async function approveDecision(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  id: string,
): Promise<Decision> {
  requireStaff(me)
  const { db } = desk.domain
  const [known] = await readDecisionsById(desk, me, [id])
  if (!known) throw new NotFoundError('No such decision.')
  const { clientId, decidedBy } = known
  const { managerId } = await findManaged(desk, me, clientId)
  requireAnother(me, clientId)
  if (decidedBy === me.userId) throw new SecondPersonError()
  const approved = await db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM clients WHERE user_id = ${clientId}::uuid FOR NO KEY UPDATE`
    const latest = await latestDecision(tx, clientId)
    if (latest?.id !== id) throw new DecisionNotWaitingError('A later decision replaced this one.')
    const [written] = await tx.$queryRawUnsafe<Decision[]>(
      `UPDATE decisions d SET second_by = $2::uuid, second_at = clock_timestamp()
       WHERE d.id = $1::uuid AND d.needs_second AND d.second_by IS NULL RETURNING ${DECISION_COLUMNS}`,
      ...[id, me.userId],
    )
    if (!written) throw new DecisionNotWaitingError('This decision stands already.')
    return written
  })
  deskChanged(desk, [clientId, managerId])
  return approved
}
