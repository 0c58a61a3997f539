import type { Variant } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import jwt from 'jsonwebtoken'
import { z } from 'zod'
import {
  type ParsedRequest,
  type PredictionRequest,
  parseRequest,
} from '../catalogue/parse-request.js'
import { requireConsent } from '../consents/require-consent.js'
import type { Domain } from '../domain.js'
import { DomainError } from '../errors.js'
import { secretFor } from '../identity/token-keys.js'
import { requireUploads } from '../uploads/require-uploads.js'
import type { Viewer } from '../viewer.js'
import { requestHash } from './request-hash.js'

/** A price promised to one user for one input until `expiresAt`; `id` is signed, nothing is stored. */
export interface Quote {
  id: string
  price: number
  available: bigint
  expiresAt: Date
  /** What is bought. */
  model: InstalledModel
  variant: Variant
}

/** The quote has expired or was made for something else; `current` is what it would be now. */
export class QuoteError extends DomainError {
  readonly code = 'QUOTE'

  constructor(readonly current: Quote) {
    super('This quote has expired or was made for another input.')
  }
}

const VALID_FOR_S = 15 * 60
const ISSUER = 'presage'
const AUDIENCE = 'presage-quote'
const ALGORITHM = 'HS256'

const claimsSchema = z.object({
  sub: z.uuid(),
  version: z.string(),
  hash: z.string(),
  price: z.int().nonnegative(),
})

/** What a quote is bound to. */
const quotedHash = ({ model, variant, stored }: ParsedRequest, explain: boolean) =>
  requestHash([model.card.name, variant.name, stored, explain])

/** The credits one prediction costs as it is held now, from memory. */
export const priceOf = (
  { catalogue }: Pick<Domain, 'catalogue'>,
  { model, variant }: Pick<ParsedRequest, 'model' | 'variant'>,
): number => catalogue.price(model.card.name, variant)

/** @throws InvalidInputError, ConsentRequiredError */
export async function quote(
  domain: Domain,
  viewer: Viewer,
  request: PredictionRequest,
  explain: boolean,
): Promise<Quote> {
  const parsed = parseRequest(domain, request)
  await requireConsent(domain.db.prisma, viewer.userId, parsed.model.card)
  await requireUploads(domain, viewer, { parsed, predictionId: null })
  return quoteFor(domain, viewer, parsed, explain)
}

/** Quotes a request that has been checked. */
export async function quoteFor(
  domain: Domain,
  viewer: Viewer,
  parsed: ParsedRequest,
  explain: boolean,
): Promise<Quote> {
  const price = priceOf(domain, parsed)
  const { kid, secret } = domain.quoteKeys.current
  const expiresAt = new Date(Math.floor(Date.now() / 1000 + VALID_FOR_S) * 1000)
  const claims = {
    version: parsed.model.card.version,
    hash: quotedHash(parsed, explain),
    price,
    exp: expiresAt.getTime() / 1000,
  }
  const id = jwt.sign(claims, secret, {
    algorithm: ALGORITHM,
    keyid: kid,
    subject: viewer.userId,
    issuer: ISSUER,
    audience: AUDIENCE,
  })
  const wallet = await domain.reads.wallets.submit(viewer.userId)
  const available = wallet ? wallet.balance + wallet.bonus : 0n
  return { id, price, available, expiresAt, model: parsed.model, variant: parsed.variant }
}

/**
 * The price that a quote promises for this request.
 *
 * @throws QuoteError when it promises none.
 */
export async function quotedPrice(
  domain: Domain,
  viewer: Viewer,
  parsed: ParsedRequest,
  explain: boolean,
  quoteId: string,
): Promise<number> {
  const claims = readQuote(domain, quoteId)
  const holds =
    claims?.sub === viewer.userId &&
    claims.version === parsed.model.card.version &&
    claims.hash === quotedHash(parsed, explain)
  if (!claims || !holds) throw new QuoteError(await quoteFor(domain, viewer, parsed, explain))
  return claims.price
}

function readQuote(domain: Domain, quoteId: string): z.infer<typeof claimsSchema> | null {
  const secret = secretFor(domain.quoteKeys, quoteId)
  if (!secret) return null
  try {
    const claims = jwt.verify(quoteId, secret, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
    })
    return claimsSchema.safeParse(claims).data ?? null
  } catch (error) {
    if (error instanceof jwt.JsonWebTokenError) return null
    throw error
  }
}
