import type { Tx } from '@presage/prisma/client'
import { z } from 'zod'
import { InvalidInputError, NotFoundError } from '../errors.js'
import { checked } from './checked.js'
import type { DeskClient } from './client.js'
import type { Month } from './credit-input.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { MonthTakenError } from './errors.js'
import { findClient, findManaged } from './find-clients.js'

export const payment = z.strictObject({
  month: z.string().regex(/^\d{4}-(0[1-9]|1[0-2])-01$/, 'Send the first day of a month.'),
  billed: z.number().min(-1_000_000).max(10_000_000),
  paid: z.number().min(0).max(10_000_000),
  monthsLate: z.int().min(0).max(8),
})

/**
 * Records a month of a client's history, once; the score that stood is stale then. Months may come in
 * any order, up to the present one.
 *
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, MonthTakenError
 */
export async function recordPayment(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
  sent: Month,
): Promise<DeskClient> {
  requireStaff(me)
  const { db, identity } = desk.domain
  const month = checked(payment, sent)
  if (month.month > identity.now().toISOString())
    throw new InvalidInputError([{ path: ['month'], message: 'This month is yet to come.' }])
  await findManaged(desk, me, clientId)
  await db.prisma.$transaction((tx) => record(tx, me, clientId, month))
  const client = await findClient(desk, me, clientId)
  deskChanged(desk, [clientId, client.managerId])
  return client
}

/** The client is locked first: of two months the later one is told as the latest. */
async function record(tx: Tx, me: DeskViewer, clientId: string, month: Month): Promise<void> {
  const [line] = await tx.$queryRaw<{ id: string }[]>`
    SELECT l.id FROM clients c JOIN credit_lines l ON l.client_id = c.user_id
    WHERE c.user_id = ${clientId}::uuid AND (${me.isAdmin} OR c.manager_id = ${me.userId}::uuid)
    FOR NO KEY UPDATE OF c`
  if (!line) throw new NotFoundError('No such client, or no credit line.')
  const written = await tx.$executeRaw`
    INSERT INTO payment_months (line_id, month, billed, paid, months_late, recorded_by)
    VALUES (${line.id}::uuid, ${month.month}::date, ${month.billed}, ${month.paid},
      ${month.monthsLate}, ${me.userId}::uuid)
    ON CONFLICT DO NOTHING`
  if (written === 0) throw new MonthTakenError(month.month)
  await tx.$executeRaw`
    UPDATE clients c
    SET facts_version = c.facts_version + 1, stale = c.latest_score_id IS NOT NULL,
      months_late = latest.months_late, balance = latest.billed
    FROM (SELECT months_late, billed FROM payment_months WHERE line_id = ${line.id}::uuid
      ORDER BY month DESC LIMIT 1) latest
    WHERE c.user_id = ${clientId}::uuid`
}
