import { consentRequired } from '../consents/consent-required-error.js'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import { SpendingCapError } from '../identity/spending-cap-error.js'
import { tooManyOpen } from '../limits/limits.js'
import { InsufficientFundsError } from '../wallet/book-transfer.js'
import { ConflictError } from './conflict-error.js'
import type { HoldAnswer, HoldCall } from './hold-predictions.js'
import { keyTaken } from './key-taken.js'
import type { Accepted } from './predict.js'
import type { Prediction } from './prediction.js'

/** Reads what became of a call: the accepted prediction, or the error that its caller is told. */
export async function acceptedPrediction(
  domain: Domain,
  call: HoldCall,
  answer: HoldAnswer,
): Promise<Accepted> {
  switch (answer.outcome) {
    case 'HELD': {
      const { wallet } = answer
      if (call.revision !== null)
        return { prediction: await read(domain, call.id), wallet, replayed: false }
      const prediction = queued(call, answer)
      domain.heldHere.remember(prediction)
      return { prediction, wallet, replayed: false }
    }
    case 'REPLAYED': {
      // Bound to our own id: an earlier sending of this very call was committed, its reply lost.
      const replayed = answer.predictionId !== call.id || call.revision !== null
      return {
        prediction: await read(domain, answer.predictionId),
        wallet: answer.wallet,
        replayed,
      }
    }
    case 'NO_CONSENT':
      throw consentRequired(domain.catalogue, call.model, call.consent ?? 0)
    case 'CAPPED':
      throw new SpendingCapError(answer.passed)
    case 'POOR':
      throw new InsufficientFundsError(BigInt(call.price), answer.available)
    case 'CROWDED':
      throw tooManyOpen()
    case 'KEY_CONFLICT':
      throw keyTaken()
    case 'DRAFT_CHANGED':
      throw new ConflictError(await read(domain, call.id))
    default:
      throw new NotFoundError('No such draft.')
  }
}

async function read(domain: Domain, id: string): Promise<Prediction> {
  const prediction = await domain.reads.predictions.submit(id)
  if (!prediction) throw new NotFoundError('No such prediction.')
  return prediction
}

/** The row that the hold has just written, without reading it back. */
function queued(call: HoldCall, { at, heldBonus }: HoldAnswer & { outcome: 'HELD' }): Prediction {
  return {
    id: call.id,
    userId: call.userId,
    status: 'QUEUED',
    revision: 1,
    model: call.model,
    version: call.version,
    versionPinned: false,
    variant: call.variant,
    artifactSha256: call.artifact,
    input: call.input as Prediction['input'],
    explain: call.explain,
    price: call.price,
    heldBonus,
    heldBalance: call.price - heldBonus,
    idempotencyKey: call.key,
    requestHash: Buffer.from(call.hash, 'hex'),
    output: null,
    explanation: null,
    failure: null,
    createdAt: at,
    queuedAt: at,
    startedAt: null,
    finishedAt: null,
    deadline: call.deadline,
    dueAt: null,
    erasedAt: null,
    apiKeyId: call.apiKeyId,
  }
}
