import { randomUUID } from 'node:crypto'
import { createClient, type NewClient } from '@presage/domain/desk/create-client'
import { createManager } from '@presage/domain/desk/create-manager'
import type { NewLine } from '@presage/domain/desk/credit-line'
import { createDesk, type Desk } from '@presage/domain/desk/desk'
import { type DeskViewer, deskViewer } from '@presage/domain/desk/desk-viewer'
import { recordPayment } from '@presage/domain/desk/record-payment'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import type { Db } from '@presage/prisma/client'
import type { Kit } from './kit.js'

/** A credit desk on a kit's database, with the models that are shipped. */
export async function openDesk(kit: Kit) {
  const domain = kit.domain({ catalogue: await loadCatalogue() })
  const desk = createDesk(domain)
  const admin = await deskViewer(desk, await kit.user({ admin: true }))
  const newEmail = () => `${randomUUID()}@example.com`
  const as = (userId: string) => deskViewer(desk, { userId, isAdmin: false })

  /** A manager without clients. */
  async function manager(): Promise<DeskViewer> {
    const named = { firstName: 'Ada', lastName: 'Stone' }
    return as((await createManager(desk, admin, { email: newEmail(), ...named })).userId)
  }

  /** A client with a line in NT$, and one of the months named. */
  async function client(more: Partial<NewClient> = {}, months: readonly string[] = []) {
    const profile = { firstName: 'Lin', lastName: 'Moss' }
    const sent = { email: newEmail(), profile, line: LINE, ...more }
    const { userId } = await createClient(desk, admin, sent)
    for (const month of months) await recordPayment(desk, admin, userId, paymentOf(month))
    return userId
  }

  /** A manager with one client of a low limit, whose score, of 0.125, proposes to approve. */
  async function scored(terms: Partial<NewLine> = {}) {
    const theirs = await manager()
    const line = { ...LINE, creditLimit: 1_000, ...terms }
    const clientId = await client({ managerId: theirs.userId, line })
    return { manager: theirs, clientId, scoreId: await writeScore(desk, clientId) }
  }

  return { desk, domain, admin, as, manager, client, scored }
}

const LINE: NewLine = {
  ...{ amountTotal: 90_000, creditLimit: 100_000 },
  ...{ annualRate: 0.15, currency: 'TWD' },
}

/** A month that was paid on time, in part. */
export const paymentOf = (month: string, monthsLate = 0) => ({
  ...{ month, billed: 50_000, paid: 5_000, monthsLate },
})

/** Of a score that is written, beside what it is by default. */
interface WrittenScore {
  probability?: number
  input?: object
  explanation?: object
  at?: Date | string
  version?: string
}

/** A score of a client as it comes with a desk, written behind the domain's back. */
export async function writeScore(
  { domain }: Pick<Desk, 'domain'>,
  clientId: string,
  {
    probability = 0.125,
    input = {},
    explanation,
    at = new Date(),
    version = '1.0.0',
  }: WrittenScore = {},
) {
  const id = randomUUID()
  await domain.db.pool.query(
    `WITH score AS (
       INSERT INTO scores (id, client_id, probability, band, model, version, variant, input,
         explanation, created_at)
       VALUES ($1, $2, $3, 'moderate', 'credit-default', $7, 'boosted', $4, $5, $6)
       RETURNING *)
     UPDATE clients c SET latest_score_id = s.id, rating = s.rating, band = s.band,
       scored_version = s.version, scored_at = s.created_at
     FROM score s WHERE c.user_id = s.client_id`,
    [id, clientId, probability, input, explanation, at, version],
  )
  return id
}

/** That a client has moved to another band by a score, written likewise. */
export const writeAlert = ({ pool }: Db, managerId: string, clientId: string, scoreId: string) =>
  pool.query(
    `INSERT INTO desk_alerts (id, manager_id, client_id, score_id, from_band, to_band)
       VALUES ($3, $1, $2, $3, 'low', 'high')`,
    [managerId, clientId, scoreId],
  )
