import type { Currency, Verdict } from '@presage/prisma/generated/client/client'

/** What a person decided on a score. */
export interface Decision {
  id: string
  scoreId: string
  clientId: string
  policyVersion: number
  /** By the policy's cut-offs, when it was decided. */
  proposed: Verdict
  /** An override where it is another than proposed. */
  verdict: Verdict
  /** null = none was given */
  overrideReason: string | null
  /** Of the line, in its currency: its total or its limit, whichever is larger. */
  amount: number
  currency: Currency
  decidedBy: string
  decidedAt: Date
  needsSecond: boolean
  /** null = nobody approved it, or nobody had to */
  secondBy: string | null
  secondAt: Date | null
}

export const DECISION_COLUMNS = `d.id, d.score_id AS "scoreId", d.client_id AS "clientId",
  d.policy_version AS "policyVersion", d.proposed, d.verdict, d.override_reason AS "overrideReason",
  d.amount::float8, d.currency, d.decided_by AS "decidedBy", d.decided_at AS "decidedAt",
  d.needs_second AS "needsSecond", d.second_by AS "secondBy", d.second_at AS "secondAt"`

/** Since when a decision stands; null = it waits for a second person's approval. */
export const standsSince = ({ needsSecond, decidedAt, secondAt }: Decision): Date | null =>
  needsSecond ? secondAt : decidedAt
