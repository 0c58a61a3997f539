import type { Wallet } from '@presage/prisma/generated/client/client'
import type { ParsedRequest, PredictionRequest } from '../catalogue/parse-request.js'
import type { Domain } from '../domain.js'
import type { Watch } from '../events/signals.js'
import { takeTokens } from '../limits/limits.js'
import { releaseUploads, requireUploads, takesUploads } from '../uploads/require-uploads.js'
import { apiKeyIdOf, type Viewer } from '../viewer.js'
import { awaitEnd } from './await-end.js'
import { callHash } from './call-hash.js'
import { findReplay } from './find-replay.js'
import { acceptedPrediction } from './hold-outcome.js'
import type { HoldCall, HoldItem } from './hold-predictions.js'
import { type Order, orderOf } from './order.js'
import { hasEnded, type Prediction } from './prediction.js'
import { priceOf, quotedPrice } from './quote.js'
import { checkRun, type Run } from './run.js'

/** An accepted call: the prediction as it stands, and the wallet after it. */
export interface Accepted {
  prediction: Prediction
  wallet: Wallet
  /** The key had been used; nothing was charged again. */
  replayed: boolean
}

/**
 * Checks, pays for and queues one prediction, and waits up to `run.waitMs` for its end.
 *
 * @throws InvalidInputError, ConsentRequiredError, SpendingCapError, InsufficientFundsError,
 * QuoteError, IdempotencyConflictError, RateLimitedError, UnavailableError
 */
export async function predict(
  domain: Domain,
  viewer: Viewer,
  request: PredictionRequest,
  run: Run,
): Promise<Accepted> {
  return payAndQueue(domain, viewer, orderOf(domain, request), run)
}

/** Checks, pays for and queues what is ordered: a new prediction, or a draft at its revision. */
export async function payAndQueue(
  domain: Domain,
  viewer: Viewer,
  order: Order,
  run: Run,
): Promise<Accepted> {
  const { id, revision } = order
  const keyed = keyOf(viewer, order, run)
  const terms = await termsOf(domain, viewer, order, run).catch(async (refusal: unknown) => {
    const replay = await findReplay(domain, keyed, order, run)
    if (replay) return replay
    throw refusal
  })
  if ('replayed' in terms) return awaitReplay(domain, terms, run.waitMs)
  const { parsed, price, deadline } = terms
  const hash = callHash(order.asked(parsed.model.card), run)
  const apiKeyId = apiKeyIdOf(viewer)
  const agreed = { ...keyed, id, revision, hash, price, deadline, apiKeyId }
  const call = callOf(parsed, run, agreed)
  const watch = run.waitMs > 0 ? domain.signals.watch(id) : null
  try {
    const answer = await domain.holds.submit(call)
    if (answer.outcome !== 'HELD') {
      domain.limits.tokens.giveBack(viewer.userId)
      if (takesUploads(parsed)) await releaseUploads(domain, [id])
    }
    const accepted = await acceptedPrediction(domain, call, answer)
    if (!watch) return accepted
    if (accepted.replayed) {
      watch.close()
      return await awaitReplay(domain, accepted, run.waitMs)
    }
    return await ended(domain, accepted, watch, run.waitMs)
  } finally {
    watch?.close()
  }
}

/** Waits for the end of a prediction that an earlier call was accepted for. */
async function awaitReplay(domain: Domain, replay: Accepted, waitMs: number): Promise<Accepted> {
  if (waitMs <= 0 || hasEnded(replay.prediction)) return replay
  const { id } = replay.prediction
  const watch = domain.signals.watch(id)
  try {
    // It may have ended since it was read and before it was watched.
    const prediction = (await domain.reads.predictions.submit(id)) ?? replay.prediction
    return await ended(domain, { ...replay, prediction }, watch, waitMs)
  } finally {
    watch.close()
  }
}

/** The accepted call as it stands at its end, or once `waitMs` are over. */
async function ended(
  domain: Domain,
  accepted: Accepted,
  watch: Watch,
  waitMs: number,
): Promise<Accepted> {
  const prediction = await awaitEnd(domain, accepted.prediction, watch, waitMs)
  const wallet = (await domain.reads.wallets.submit(prediction.userId)) ?? accepted.wallet
  return { ...accepted, prediction, wallet }
}

/** What is run, when it ends at the latest, and what it costs: promised anew to each call. */
interface Terms extends Pick<HoldCall, 'price' | 'deadline'> {
  readonly parsed: ParsedRequest
}

/** Checks an order and agrees on its terms. The uploads that it names are kept from here on. */
async function termsOf(
  domain: Domain,
  viewer: Viewer,
  { id: predictionId, parse }: Order,
  run: Run,
): Promise<Terms> {
  const parsed = parse()
  const deadline = checkRun(run)
  const price = run.quote
    ? await quotedPrice(domain, viewer, parsed, run.explain, run.quote)
    : priceOf(domain, parsed)
  takeTokens(domain, viewer, 1)
  await requireUploads(domain, viewer, { parsed, predictionId }).catch((refusal: unknown) => {
    domain.limits.tokens.giveBack(viewer.userId)
    throw refusal
  })
  return { parsed, price, deadline }
}

/** Whose call it is, and the key that an equal one has as well. */
const keyOf = ({ userId }: Viewer, { revision }: Order, { idempotencyKey }: Run) => ({
  userId,
  key: `${revision === null ? 'predict' : 'runDraft'}:${idempotencyKey}`,
})

/** The call that pays for a checked request, as it was agreed. */
export function callOf<
  Agreed extends Pick<
    HoldItem,
    'id' | 'revision' | 'userId' | 'key' | 'price' | 'apiKeyId' | 'deadline'
  >,
>(
  { model, variant, stored, values }: ParsedRequest,
  { explain, origin }: Pick<Run, 'explain' | 'origin'>,
  agreed: Agreed,
): HoldItem & Agreed {
  const { card } = model
  return {
    ...agreed,
    model: card.name,
    version: card.version,
    variant: variant.name,
    artifact: variant.sha256,
    input: stored,
    values,
    explain,
    consent: card.healthData?.consentVersion ?? null,
    origin,
  }
}
