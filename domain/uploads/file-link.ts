import jwt from 'jsonwebtoken'
import { z } from 'zod'
import type { Domain } from '../domain.js'
import { DomainError } from '../errors.js'
import { secretFor } from '../identity/token-keys.js'

/** An original under its upload’s id, or a result under its prediction’s. */
export interface FileRef {
  kind: 'upload' | 'result'
  id: string
}

/** A way to a file for whoever holds it, until `expiresAt`. */
export interface FileLink {
  /** Begins with /, at any server. */
  path: string
  expiresAt: Date
}

/** The link was not made here, or its time is over. */
export class FileLinkError extends DomainError {
  constructor(readonly code: 'LINK_INVALID' | 'LINK_EXPIRED') {
    super(code === 'LINK_EXPIRED' ? 'This link has expired: ask for another.' : 'This is no link.')
  }
}

/** The path of files; a link’s token follows. */
export const FILES_PATH = '/files/'

/** Links made in the same five minutes are the same, so that browsers keep what they have fetched. */
const STEP_MS = 5 * 60_000
const STEPS = 3
const ISSUER = 'presage'
const AUDIENCE = 'presage-file'

const claimsSchema = z.object({
  sub: z.uuid(),
  kind: z.enum(['upload', 'result']),
  file: z.uuid(),
  exp: z.int(),
})

type Signer = Pick<Domain, 'quoteKeys' | 'identity'>

/** A link of its owner’s, good for 10 to 15 minutes and never longer than the file is kept. */
export function linkTo(
  { quoteKeys, identity }: Signer,
  userId: string,
  { kind, id: file }: FileRef,
  keptUntil: Date,
): FileLink {
  const now = identity.now().getTime()
  const stepped = (Math.floor(now / STEP_MS) + STEPS) * STEP_MS
  const exp = Math.floor(Math.min(stepped, keptUntil.getTime()) / 1000)
  const { kid, secret } = quoteKeys.current
  const token = jwt.sign({ kind, file, exp }, secret, {
    ...{ algorithm: 'HS256', keyid: kid, noTimestamp: true },
    ...{ subject: userId, issuer: ISSUER, audience: AUDIENCE },
  })
  return { path: FILES_PATH + token, expiresAt: new Date(exp * 1000) }
}

/**
 * Which file a link leads to, whose it is, and until when.
 *
 * @throws FileLinkError
 */
export function readLink(
  { quoteKeys, identity }: Signer,
  token: string,
): FileRef & { userId: string; expiresAt: Date } {
  const secret = secretFor(quoteKeys, token)
  if (!secret) throw new FileLinkError('LINK_INVALID')
  try {
    const payload = jwt.verify(token, secret, {
      ...{ algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE },
      clockTimestamp: Math.floor(identity.now().getTime() / 1000),
    })
    const { sub, kind, file, exp } = claimsSchema.parse(payload)
    return { kind, id: file, userId: sub, expiresAt: new Date(exp * 1000) }
  } catch (error) {
    const isLate = error instanceof jwt.TokenExpiredError
    throw new FileLinkError(isLate ? 'LINK_EXPIRED' : 'LINK_INVALID')
  }
}
