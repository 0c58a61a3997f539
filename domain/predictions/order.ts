import { asStored } from '@presage/models/card/as-stored'
import type { ModelCard } from '@presage/models/card/card-schema'
import { v7 as uuidv7 } from 'uuid'
import {
  type ParsedRequest,
  type PredictionRequest,
  parseRequest,
} from '../catalogue/parse-request.js'
import type { Domain } from '../domain.js'
import { inputOf } from './call-hash.js'
import { ConflictError } from './conflict-error.js'
import type { Prediction } from './prediction.js'
import { storedInput } from './stored.js'

/** What a call asks to have run, and what its idempotency key stands for. */
export interface Order {
  readonly id: string
  /** Of the draft that is run; null = a new prediction. */
  readonly revision: number | null
  /** @throws InvalidInputError, ConflictError when it is not a draft any more. */
  readonly parse: () => ParsedRequest
  /**
   * What an equal call asks for as well, read by the card of the version that runs or ran: one that
   * is repeated is known again also when it could not be accepted any more.
   */
  readonly asked: (card: Pick<ModelCard, 'features'>) => readonly unknown[]
}

/** A new prediction. */
export function orderOf(
  domain: Pick<Domain, 'catalogue'>,
  request: PredictionRequest,
  id: string = uuidv7(),
): Order {
  const { model, variant, version = null, features } = request
  return {
    id,
    revision: null,
    parse: () => parseRequest(domain, request),
    asked: (card) => inputOf(model, variant, asStored(card, features), version),
  }
}

/** A draft as it stands: whatever it held when it was run, running it again is the same call. */
export function draftOrder(domain: Pick<Domain, 'catalogue'>, draft: Prediction): Order {
  const { id, revision, model, variant, version, versionPinned } = draft
  const parse = () => {
    if (draft.status !== 'DRAFT') throw new ConflictError(draft)
    const pinned = versionPinned ? version : null
    return parseRequest(domain, { model, variant, version: pinned, features: storedInput(draft) })
  }
  return { id, revision, parse, asked: () => [id] }
}
