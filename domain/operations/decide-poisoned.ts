import type { Origin } from '@presage/messages/origin'
import type { PoisonAction, PoisonDecision } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { parseRequest } from '../catalogue/parse-request.js'
import { consentRequired } from '../consents/consent-required-error.js'
import { requireConsent } from '../consents/require-consent.js'
import type { Domain } from '../domain.js'
import { DomainError, InvalidInputError, NotFoundError } from '../errors.js'
import { pinOf } from '../predictions/call-hash.js'
import { requestHash } from '../predictions/request-hash.js'
import { checkRun } from '../predictions/run.js'
import { storedInput } from '../predictions/stored.js'
import { requireUploads } from '../uploads/require-uploads.js'
import type { Viewer } from '../viewer.js'
import { findPoisoned, type Poisoned } from './poisoned.js'

/** Somebody has decided otherwise about this poisoned prediction. */
export class PoisonDecidedError extends DomainError {
  readonly code = 'POISON_DECIDED'
}

/** What an admin decides about a poisoned prediction. */
export interface PoisonOrder {
  id: string
  /** 1 to 500 characters, kept for good. */
  reason: string
}

const MAX_REASON_LENGTH = 500

/**
 * Begins a new prediction with the input of a poisoned one, for its user and free of charge: what
 * the poisoned one held was given back, and nobody asked the user whether to pay again. At a price
 * of 0 it takes the ordinary way, and no rule of the ledger is added. Repeated, it changes nothing.
 * It runs on the version that the user asked for, or else on the one on sale by now.
 *
 * @throws NotFoundError, PoisonDecidedError when it was discarded, InvalidInputError also when the
 * model is not on sale any more, or the version asked for is gone, ConsentRequiredError when the user has withdrawn what it asks for.
 */
export async function retryPoisoned(
  domain: Domain,
  viewer: Viewer,
  order: PoisonOrder,
  origin: Origin,
): Promise<Poisoned> {
  const { userId } = await open(domain, order)
  const prediction = await domain.db.prisma.prediction.findUniqueOrThrow({
    where: { id: order.id },
  })
  const { model, variant, explain } = prediction
  const [features, version] = [storedInput(prediction), pinOf(prediction)]
  const parsed = parseRequest(domain, { model, variant, version, features })
  const { card } = parsed.model
  await requireConsent(domain.db.prisma, userId, card)
  await requireUploads(domain, { userId }, { parsed, predictionId: null })
  const { retryId } = await decide(domain, viewer, order, 'RETRIED')
  await requireUploads(domain, { userId }, { parsed, predictionId: retryId })
  const answer = await domain.holds.submit({
    id: retryId ?? uuidv7(),
    userId,
    key: `retry:${order.id}`,
    hash: requestHash(['retry', order.id]),
    revision: null,
    model: card.name,
    version: card.version,
    variant: parsed.variant.name,
    artifact: parsed.variant.sha256,
    input: parsed.stored,
    values: parsed.values,
    explain,
    price: 0,
    consent: card.healthData?.consentVersion ?? null,
    apiKeyId: null,
    deadline: checkRun({ idempotencyKey: order.id, explain, waitMs: 0 }),
    origin,
  })
  if (answer.outcome === 'NO_CONSENT')
    throw consentRequired(domain.catalogue, card.name, card.healthData?.consentVersion ?? 0)
  if (answer.outcome !== 'HELD' && answer.outcome !== 'REPLAYED')
    throw new Error(`a retry at no price was refused: ${answer.outcome}`)
  if (version !== null && retryId) await keepPin(domain, retryId)
  return read(domain, order.id)
}

/** A retry's request names no version, so its row has to say that there was a pin. */
const keepPin = ({ db: { prisma } }: Domain, id: string) =>
  prisma.prediction.update({ where: { id }, data: { versionPinned: true } })

/**
 * Puts a poisoned prediction aside; its user was given the credits back when it failed.
 *
 * @throws NotFoundError, PoisonDecidedError when it was retried, InvalidInputError
 */
export async function discardPoisoned(
  domain: Domain,
  viewer: Viewer,
  order: PoisonOrder,
): Promise<Poisoned> {
  await open(domain, order)
  await decide(domain, viewer, order, 'DISCARDED')
  return read(domain, order.id)
}

async function open(domain: Domain, { id, reason }: PoisonOrder): Promise<Poisoned> {
  const { length } = reason.trim()
  if (length < 1 || length > MAX_REASON_LENGTH)
    throw new InvalidInputError([
      {
        ...{ path: ['reason'], min: 1, max: MAX_REASON_LENGTH },
        message: `Say why, in 1 to ${MAX_REASON_LENGTH} characters: it is kept.`,
      },
    ])
  return read(domain, id)
}

async function read(domain: Domain, id: string): Promise<Poisoned> {
  const poisoned = await findPoisoned(domain, id)
  if (!poisoned) throw new NotFoundError('No such poisoned prediction.')
  return poisoned
}

/** Writes the decision unless there is one, which then must be the same. */
async function decide(
  { db: { prisma } }: Domain,
  { userId: actorId }: Viewer,
  { id: predictionId, reason }: PoisonOrder,
  action: PoisonAction,
): Promise<PoisonDecision> {
  const retryId = action === 'RETRIED' ? uuidv7() : null
  const data = [{ predictionId, action, retryId, reason: reason.trim(), actorId }]
  await prisma.poisonDecision.createMany({ data, skipDuplicates: true })
  const decision = await prisma.poisonDecision.findUniqueOrThrow({ where: { predictionId } })
  if (decision.action === action) return decision
  throw new PoisonDecidedError(`It was ${decision.action.toLowerCase()} before.`)
}
