import type { Tx } from '@presage/prisma/client'
import { Verdict } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { z } from 'zod'
import { InvalidInputError, NotFoundError } from '../errors.js'
import { checked } from './checked.js'
import { MODEL } from './credit-input.js'
import { DECISION_COLUMNS, type Decision } from './decision.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireStaff } from './desk-viewer.js'
import { DecisionConflictError, DeskForbiddenError, ScoreOutdatedError } from './errors.js'
import { findManaged } from './find-clients.js'
import { type Policy, readPolicy } from './policy.js'
import { inPolicyCurrency, proposalOf } from './proposal.js'
import { type DeskScore, readScoresById } from './score.js'

const verdictSent = z.strictObject({
  verdict: z.enum(Verdict),
  reason: z
    .string()
    .trim()
    .min(1)
    .max(2000)
    .refine((text) => !text.includes('\0'), 'A reason holds no U+0000.')
    .nullish(),
})

/** A person's verdict on a client's latest score. */
export interface VerdictOn {
  scoreId: string
  verdict: Verdict
  /** Needed where it is not what the policy proposes: 1 to 2,000 characters. */
  reason?: string | null | undefined
  /** The client's latest decision, as the caller knows it; none = there was none. */
  replaces?: string | null | undefined
}

/** @throws DeskForbiddenError when the client is who calls. */
export function requireAnother({ userId }: DeskViewer, clientId: string): void {
  if (userId === clientId)
    throw new DeskForbiddenError('Nobody decides on their own credit, nor approves it.')
}

/**
 * Decides on a client's latest score, in place of the decision named. One that is not what the policy
 * proposes is an override: it needs a reason, and above the policy's amount it stands only once a second
 * person approved it.
 *
 * @throws DeskForbiddenError, NotFoundError, InvalidInputError, ScoreOutdatedError
 * @throws DecisionConflictError when somebody else was quicker; nothing is decided then.
 */
export async function decide(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { scoreId, replaces, ...sent }: VerdictOn,
): Promise<Decision> {
  requireStaff(me)
  const { db } = desk.domain
  const { verdict, reason = null } = checked(verdictSent, sent)
  const [score] = await readScoresById(db, [scoreId])
  if (!score) throw new NotFoundError('No such score.')
  const client = await findManaged(desk, me, score.clientId)
  requireAnother(me, score.clientId)
  const decided = await db.prisma.$transaction(async (tx) => {
    const line = await lockFor(tx, me, score, replaces ?? null)
    const policy = await readPolicy({ prisma: tx })
    const terms = termsOf(desk, { policy, score, verdict, line })
    if (terms.verdict !== terms.proposed && reason === null)
      throw new InvalidInputError([
        { path: ['reason'], message: `The policy proposes ${terms.proposed}: say why not.` },
      ])
    return tx.decision.create({
      data: {
        ...{ id: uuidv7(), scoreId, clientId: score.clientId, decidedBy: me.userId },
        ...{ ...terms, overrideReason: reason },
      },
    })
  })
  deskChanged(desk, [client.userId, client.managerId])
  return { ...decided, amount: Number(decided.amount) }
}

type LockedLine = Pick<Decision, 'amount' | 'currency'>

/** Locks the client, so that decisions on them follow each other, and finds what is decided about. */
async function lockFor(
  tx: Tx,
  me: DeskViewer,
  { id, clientId }: DeskScore,
  replaces: string | null,
): Promise<LockedLine> {
  const [line] = await tx.$queryRaw<(LockedLine & { latestScoreId: string })[]>`
    SELECT c.latest_score_id AS "latestScoreId", l.currency,
      greatest(l.amount_total, l.credit_limit)::float8 AS amount
    FROM clients c JOIN credit_lines l ON l.client_id = c.user_id
    WHERE c.user_id = ${clientId}::uuid AND (${me.isAdmin} OR c.manager_id = ${me.userId}::uuid)
    FOR NO KEY UPDATE OF c`
  if (!line) throw new NotFoundError('No such client, or no credit line.')
  if (line.latestScoreId !== id) throw new ScoreOutdatedError(line.latestScoreId)
  const latest = await latestDecision(tx, clientId)
  if ((latest?.id ?? null) !== replaces) throw new DecisionConflictError(latest)
  return line
}

/** The decision on a client that counts, whether it stands or waits; by the clock of the database. */
export async function latestDecision(
  tx: Pick<Tx, '$queryRawUnsafe'>,
  clientId: string,
): Promise<Decision | null> {
  const [latest] = await tx.$queryRawUnsafe<Decision[]>(
    `SELECT ${DECISION_COLUMNS} FROM decisions d WHERE d.client_id = $1::uuid
     ORDER BY d.decided_at DESC, d.id DESC LIMIT 1`,
    clientId,
  )
  return latest ?? null
}

interface Ground {
  policy: Policy
  score: DeskScore
  verdict: Verdict
  line: LockedLine
}

function termsOf({ domain }: Pick<Desk, 'domain'>, { policy, score, verdict, line }: Ground) {
  const { amount, currency } = line
  const proposed = proposalOf(policy, score.probability)
  const worth = inPolicyCurrency(domain.catalogue.model(MODEL)?.card, amount, currency)
  const needsSecond = verdict !== proposed && worth > policy.secondApprovalAbove
  return { policyVersion: policy.version, proposed, verdict, amount, currency, needsSecond }
}
