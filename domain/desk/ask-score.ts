import { createHash } from 'node:crypto'
import type { Origin } from '@presage/messages/origin'
import { v7 as uuidv7 } from 'uuid'
import { UnavailableError } from '../errors.js'
import { orderOf } from '../predictions/order.js'
import { payAndQueue } from '../predictions/predict.js'
import { hasEnded, type Prediction } from '../predictions/prediction.js'
import type { Viewer } from '../viewer.js'
import { MODEL, VARIANT } from './credit-input.js'
import type { Desk } from './desk.js'
import { deskAccount } from './desk-account.js'
import type { DeskViewer } from './desk-viewer.js'
import { NothingToScoreError } from './errors.js'
import { findClient, notTheirs } from './find-clients.js'
import { payingViewer } from './paying-viewer.js'
import { readPolicy } from './policy.js'
import { type DeskScore, SCORE_COLUMNS } from './score.js'
import { type ScoreInput, scoreInputs } from './score-input.js'

/** How a score is to be asked for. */
export interface ScoreRun {
  /** The caller's own, for this client: 1 to 64 characters. */
  idempotencyKey: string
  /** How long to wait for the score, 0 to 30,000. */
  waitMs: number
  origin?: Origin | undefined
}

/** A score that was asked for and paid. */
export interface AskedScore {
  prediction: Prediction
  /** null = it has not ended yet, or without a score */
  score: DeskScore | null
  /** The key had been used; nothing was charged again. */
  replayed: boolean
}

/**
 * Asks for a new score of a client, as the client or as who may see them, and has the policy's payer pay
 * as for any prediction. The score is recorded when the prediction ends, whether anybody waits or not.
 *
 * @throws NotFoundError, NothingToScoreError, InvalidInputError, InsufficientFundsError,
 * IdempotencyConflictError, RateLimitedError, UnavailableError
 */
export async function askScore(
  desk: Desk,
  me: DeskViewer,
  clientId: string,
  { idempotencyKey, waitMs, origin }: ScoreRun,
): Promise<AskedScore> {
  const { domain, recorder } = desk
  await findClient(desk, me, clientId)
  const [input] = await scoreInputs(domain.db, [clientId])
  if (!input) throw notTheirs()
  if (!input.features) throw new NothingToScoreError('There is no month of payments to score from.')
  const request = { model: MODEL, variant: VARIANT, features: input.features }
  const payer = await payerOf(desk, clientId)
  const id = uuidv7()
  const run = {
    idempotencyKey: ownKey(me, clientId, idempotencyKey),
    explain: true,
    waitMs,
    origin,
  }
  await announceScoring(desk, me, id, input)
  const accepted = await payAndQueue(domain, payer, orderOf(domain, request, id), run).catch(
    async (refusal: unknown) => {
      // Whether it is held is not known then, and a sweep decides an hour later.
      if (!(refusal instanceof UnavailableError)) await forgetScoring(desk, id)
      throw refusal
    },
  )
  const { prediction, replayed } = accepted
  if (prediction.id !== id) await forgetScoring(desk, id)
  if (!hasEnded(prediction)) {
    recorder.expect(prediction.id)
    return { prediction, score: null, replayed }
  }
  await recorder.record()
  return { prediction, score: await readScore(desk, prediction.id), replayed }
}

/** Who pays by the policy, as the platform sees them. */
export async function payerOf({ domain }: Pick<Desk, 'domain'>, clientId: string): Promise<Viewer> {
  const { payer } = await readPolicy(domain.db)
  const userId = payer === 'CLIENT' ? clientId : await deskAccount(domain.db)
  return payingViewer(userId)
}

/** Keys are bound to the payer, whom many callers may share; one of an empty key stays empty. */
const ownKey = ({ userId }: DeskViewer, clientId: string, key: string): string =>
  key.length < 1 || key.length > 64
    ? key
    : createHash('sha256').update(`${userId}:${clientId}:${key}`).digest('base64url')

/** Written before the prediction is held, so that none is ever paid for and not recorded. */
const announceScoring = (
  { domain }: Desk,
  { userId: askedBy }: DeskViewer,
  predictionId: string,
  { clientId, factsVersion }: ScoreInput,
) => domain.db.prisma.scoring.create({ data: { predictionId, clientId, askedBy, factsVersion } })

/** Only while there is no such prediction: what failed may have been the reading after the hold. */
const forgetScoring = ({ domain }: Desk, predictionId: string) =>
  domain.db.pool.query(
    `DELETE FROM scorings s WHERE s.prediction_id = $1
      AND NOT EXISTS (SELECT FROM predictions p WHERE p.id = s.prediction_id)`,
    [predictionId],
  )

async function readScore({ domain }: Desk, predictionId: string): Promise<DeskScore | null> {
  const { rows } = await domain.db.pool.query<DeskScore>({
    name: 'desk_score',
    text: `SELECT ${SCORE_COLUMNS} FROM scores s WHERE s.prediction_id = $1`,
    values: [predictionId],
  })
  return rows[0] ?? null
}
