import type { Tx } from '@presage/prisma/client'
import type { Prisma } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import {
  type ParsedRequest,
  type PredictionRequest,
  parseRequest,
} from '../catalogue/parse-request.js'
import { requireConsent } from '../consents/require-consent.js'
import type { Domain } from '../domain.js'
import { changeOf, publishChanges } from '../events/publish-changes.js'
import { takeDraftToken } from '../limits/limits.js'
import { requireUploads } from '../uploads/require-uploads.js'
import type { Viewer } from '../viewer.js'
import { lockWallet } from '../wallet/book-transfer.js'
import { ConflictError } from './conflict-error.js'
import { draftOrder } from './order.js'
import { type Accepted, payAndQueue } from './predict.js'
import type { Prediction } from './prediction.js'
import { priceOf, type Quote, quoteFor } from './quote.js'
import { readPrediction } from './read-prediction.js'
import type { Run } from './run.js'

/** A draft: complete, valid, unpaid input, and what running it would cost. */
export interface Drafted {
  prediction: Prediction
  quote: Quote
}

/** @throws InvalidInputError, ConsentRequiredError, RateLimitedError */
export async function createDraft(
  domain: Domain,
  viewer: Viewer,
  request: PredictionRequest,
): Promise<Drafted> {
  const parsed = parseRequest(domain, request)
  takeDraftToken(domain, viewer)
  await requireUploads(domain, viewer, { parsed, predictionId: null })
  const id = uuidv7()
  const prediction = await inLog(domain, viewer, { id, parsed }, (tx, at) =>
    tx.prediction.create({
      data: {
        id,
        userId: viewer.userId,
        status: 'DRAFT',
        revision: 1,
        explain: false,
        createdAt: at,
        ...contentOf(domain, parsed),
      },
    }),
  )
  return { prediction, quote: await quoteFor(domain, viewer, parsed, false) }
}

/**
 * Replaces a draft's whole input.
 *
 * @throws InvalidInputError, ConsentRequiredError, RateLimitedError, NotFoundError, ConflictError
 * when it is not a draft at `revision`.
 */
export async function updateDraft(
  domain: Domain,
  viewer: Viewer,
  draft: { id: string; revision: number },
  request: PredictionRequest,
): Promise<Drafted> {
  const parsed = parseRequest(domain, request)
  takeDraftToken(domain, viewer)
  await requireUploads(domain, viewer, { parsed, predictionId: null })
  await readPrediction(domain, viewer, draft.id)
  const prediction = await inLog(domain, viewer, { id: draft.id, parsed }, async (tx) => {
    const current = await tx.prediction.findUniqueOrThrow({ where: { id: draft.id } })
    if (current.status !== 'DRAFT' || current.revision !== draft.revision)
      throw new ConflictError(current)
    return tx.prediction.update({
      where: { id: draft.id },
      data: { ...contentOf(domain, parsed), revision: { increment: 1 } },
    })
  })
  return { prediction, quote: await quoteFor(domain, viewer, parsed, false) }
}

/**
 * Pays for and queues a draft as it stands.
 *
 * @throws NotFoundError, ConflictError, and what `predict` throws.
 */
export async function runDraft(
  domain: Domain,
  viewer: Viewer,
  id: string,
  run: Run,
): Promise<Accepted> {
  const draft = await readPrediction(domain, viewer, id)
  return payAndQueue(domain, viewer, draftOrder(domain, draft), run)
}

/**
 * Writes one change of a draft and its place in the user's log, under the wallet's lock: a consent
 * that its model asks for is there, or is withdrawn after it.
 *
 * @throws ConsentRequiredError
 */
async function inLog(
  domain: Domain,
  { userId }: Viewer,
  { id: predictionId, parsed }: { id: string; parsed: ParsedRequest },
  write: (tx: Tx, at: Date) => Promise<Prediction>,
): Promise<Prediction> {
  const { prediction, seq } = await domain.db.prisma.$transaction(async (tx) => {
    const { at: occurredAt } = await lockWallet(tx, userId)
    await requireConsent(tx, userId, parsed.model.card)
    const prediction = await write(tx, occurredAt)
    const { seq } = await tx.wallet.update({
      where: { userId },
      data: { seq: { increment: 1n } },
    })
    const from = prediction.revision === 1 ? null : 'DRAFT'
    await tx.event.create({ data: { userId, seq, predictionId, from, to: 'DRAFT', occurredAt } })
    return { prediction, seq }
  })
  publishChanges(domain, [changeOf({ id: predictionId, userId, seq, to: 'DRAFT' })])
  return prediction
}

const contentOf = (domain: Domain, parsed: ParsedRequest) => ({
  model: parsed.model.card.name,
  version: parsed.model.card.version,
  versionPinned: parsed.pinned,
  variant: parsed.variant.name,
  artifactSha256: parsed.variant.sha256,
  input: parsed.stored as Prisma.InputJsonObject,
  price: priceOf(domain, parsed),
})
