import { v7 as uuidv7 } from 'uuid'
import { checked } from './checked.js'
import { isConstraint } from './constraint.js'
import { type Line, type NewLine, newLine, readLines } from './credit-line.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import { AlreadyThereError } from './errors.js'
import { findClient } from './find-clients.js'

/**
 * Opens the client's one credit line.
 *
 * @throws DeskForbiddenError, InvalidInputError, NotFoundError, AlreadyThereError
 */
export async function openCreditLine(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
  terms: NewLine,
): Promise<Line> {
  requireAdmin(me)
  const { db, identity } = desk.domain
  const line = { openedAt: identity.now(), ...checked(newLine, terms) }
  const { managerId } = await findClient(desk, me, clientId)
  const { amountTotal, creditLimit, annualRate, currency, openedAt } = line
  await db.pool
    .query(insert, [uuidv7(), clientId, amountTotal, creditLimit, annualRate, currency, openedAt])
    .catch((error: unknown) => {
      if (!isConstraint(error, 'credit_lines_client_id_key')) throw error
      throw new AlreadyThereError('The client has a credit line.')
    })
  deskChanged(desk, [clientId, managerId])
  const [opened] = await readLines(db, [clientId])
  if (!opened) throw new Error(`the line of ${clientId} was just opened`)
  return opened
}

const insert = `INSERT INTO credit_lines
  (id, client_id, amount_total, credit_limit, annual_rate, currency, opened_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7)`
