import type { PoisonAction } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import type { HistoryPage } from '../predictions/history.js'

/** A prediction that failed as POISON, without its input, which is its owner's alone. */
export interface Poisoned {
  id: string
  userId: string
  model: string
  version: string
  variant: string
  message: string
  queuedAt: Date
  failedAt: Date
  /** null = nobody has decided yet */
  decision: PoisonVerdict | null
}

/** What an admin decided, and why. */
export interface PoisonVerdict {
  action: PoisonAction
  /** The prediction that the retry began; null = discarded. */
  retryId: string | null
  reason: string
  actorId: string
  at: Date
}

type Row = Omit<Poisoned, 'decision'> & {
  [K in keyof PoisonVerdict]: PoisonVerdict[K] | null
}

const SELECT = `
  SELECT p.id, p.user_id AS "userId", p.model, p.version, p.variant,
    p.failure ->> 'message' AS message, p.queued_at AS "queuedAt", p.finished_at AS "failedAt",
    d.action, d.retry_id AS "retryId", d.reason, d.actor_id AS "actorId", d.created_at AS at
  FROM predictions p LEFT JOIN poison_decisions d ON d.prediction_id = p.id
  WHERE (p.failure ->> 'code') = 'POISON'`

/** One page of the poisoned predictions, newest first, by their partial index. */
export async function readPoisoned(
  { db }: Pick<Domain, 'db'>,
  withDecided: boolean,
  page: HistoryPage,
): Promise<Poisoned[]> {
  const { rows } = await db.pool.query<Row>(
    `${SELECT} AND ($1::uuid IS NULL OR p.id < $1) AND ($2::uuid IS NULL OR p.id > $2)
      AND ($3 OR d.prediction_id IS NULL)
    ORDER BY p.id ${page.inverted ? 'ASC' : 'DESC'} LIMIT $4`,
    [page.after ?? null, page.before ?? null, withDecided, page.limit],
  )
  return rows.map(poisonedOf)
}

/** The poisoned prediction with this id, or null. */
export async function findPoisoned(
  { db }: Pick<Domain, 'db'>,
  id: string,
): Promise<Poisoned | null> {
  const { rows } = await db.pool.query<Row>(`${SELECT} AND p.id = $1`, [id])
  return rows[0] ? poisonedOf(rows[0]) : null
}

function poisonedOf({ action, retryId, reason, actorId, at, ...poisoned }: Row): Poisoned {
  const decision = action && reason !== null && actorId && at
  return { ...poisoned, decision: decision ? { action, retryId, reason, actorId, at } : null }
}
