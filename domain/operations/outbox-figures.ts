import type { Db } from '@presage/prisma/client'

/** The open predictions, which are their own outbox. */
export interface OutboxFigures {
  /** QUEUED and RUNNING. */
  open: number
  /** Their turn came more than 30 s ago: no server takes them, or there are too many. */
  overdue: number
  /** When the first of them was queued; null = none is open. */
  oldestQueuedAt: Date | null
  /** When the next of them is looked after; in the past = late. Null = none is open. */
  nextDueAt: Date | null
}

/** Reads open predictions by their partial index: the cost is theirs, never that of the history. */
export async function outboxFigures(db: Pick<Db, 'pool'>): Promise<OutboxFigures> {
  const { rows } = await db.pool.query<OutboxFigures>({
    name: 'outbox_figures',
    text: `SELECT count(*)::int AS open,
        count(*) FILTER (WHERE due_at < clock_timestamp() - interval '30 seconds')::int AS overdue,
        min(queued_at) AS "oldestQueuedAt", min(due_at) AS "nextDueAt"
      FROM predictions WHERE status IN ('QUEUED', 'RUNNING')`,
  })
  const [figures] = rows
  if (!figures) throw new Error('the outbox query returned no row')
  return figures
}
