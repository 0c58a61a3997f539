import type { Db } from '@presage/prisma/client'
import { type CreditFacts, creditInput, MONTHS_SEEN } from './credit-input.js'

/** What a client would be scored on now. */
export interface ScoreInput {
  clientId: string
  /** The model's features; null = there is no line, or no month. */
  features: Record<string, unknown> | null
  /** Of the facts that it was derived from. */
  factsVersion: number
}

/** What a client's score is made from, and which facts those are. */
export interface ScoreFacts extends CreditFacts {
  clientId: string
  factsVersion: number
}

/** Derives the inputs of these clients, in one statement; who is no client is left out. */
export async function scoreInputs(
  db: Pick<Db, 'pool'>,
  clientIds: readonly string[],
): Promise<ScoreInput[]> {
  const known = await scoreFacts(db, clientIds)
  return known.map(({ clientId, factsVersion, ...each }) => ({
    clientId,
    factsVersion,
    features: creditInput(each),
  }))
}

/** Reads what the scores of these clients are made from, in one statement. */
export async function scoreFacts(
  { pool }: Pick<Db, 'pool'>,
  clientIds: readonly string[],
): Promise<ScoreFacts[]> {
  const { rows } = await pool.query<ScoreFacts>({
    name: 'desk_score_inputs',
    text: facts,
    values: [clientIds],
  })
  return rows
}

const facts = `
  SELECT c.user_id AS "clientId", c.facts_version AS "factsVersion",
    CASE WHEN l.id IS NOT NULL THEN
      jsonb_build_object('creditLimit', l.credit_limit, 'currency', l.currency) END AS line,
    coalesce(m.months, '[]') AS months
  FROM clients c
  LEFT JOIN credit_lines l ON l.client_id = c.user_id
  LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_object('month', h.month, 'billed', h.billed, 'paid', h.paid,
      'monthsLate', h.months_late) ORDER BY h.month DESC) AS months
    FROM (SELECT * FROM payment_months WHERE line_id = l.id
      ORDER BY month DESC LIMIT ${MONTHS_SEEN}) h) m ON true
  WHERE c.user_id = ANY ($1::uuid[]) AND c.erased_at IS NULL`
