import jwt from 'jsonwebtoken'
import { z } from 'zod'
import { secretFor } from '../../identity/token-keys.js'
import { FILES_PATH, type FileLink, FileLinkError } from '../../uploads/file-link.js'
import type { Desk } from '../desk.js'
import { type DeskViewer, deskViewer, requireStaff } from '../desk-viewer.js'
import { DeskForbiddenError } from '../errors.js'

/** The path of exports among files; a link's token follows. */
export const EXPORTS_PATH = `${FILES_PATH}desk/`

/** A link is fetched at once; a browser's dialogue may stand open for a while. */
const GOOD_FOR_S = 5 * 60
const ISSUER = 'presage'
const AUDIENCE = 'presage-desk-export'

const claimsSchema = z.object({ sub: z.uuid() })

type Ground = Pick<Desk, 'domain'>

/**
 * A link to the caller's clients as a CSV file, good for 5 minutes and as long as they work at the desk.
 *
 * @throws DeskForbiddenError
 */
export function linkToExport({ domain }: Ground, me: DeskViewer): FileLink {
  requireStaff(me)
  const exp = Math.floor(domain.identity.now().getTime() / 1000) + GOOD_FOR_S
  const { kid, secret } = domain.quoteKeys.current
  const token = jwt.sign({ exp }, secret, {
    ...{ algorithm: 'HS256', keyid: kid, noTimestamp: true },
    ...{ subject: me.userId, issuer: ISSUER, audience: AUDIENCE },
  })
  return { path: EXPORTS_PATH + token, expiresAt: new Date(exp * 1000) }
}

/**
 * Whose clients a link leads to, with the rights that they have now.
 *
 * @throws FileLinkError, DeskForbiddenError
 */
export async function readExportLink(desk: Ground, token: string): Promise<DeskViewer> {
  return staffNow(desk, holderOf(desk, token))
}

/** The caller with the rights that they have now. @throws DeskForbiddenError */
export async function staffNow(desk: Ground, userId: string): Promise<DeskViewer> {
  const user = await desk.domain.db.prisma.user.findUnique({
    where: { id: userId, disabledAt: null, deletedAt: null },
    select: { isAdmin: true },
  })
  if (!user) throw new DeskForbiddenError('This account is closed.')
  const me = await deskViewer(desk, { userId, isAdmin: user.isAdmin })
  requireStaff(me)
  return me
}

function holderOf({ domain: { quoteKeys, identity } }: Ground, token: string): string {
  const secret = secretFor(quoteKeys, token)
  if (!secret) throw new FileLinkError('LINK_INVALID')
  try {
    const payload = jwt.verify(token, secret, {
      ...{ algorithms: ['HS256'], issuer: ISSUER, audience: AUDIENCE },
      clockTimestamp: Math.floor(identity.now().getTime() / 1000),
    })
    return claimsSchema.parse(payload).sub
  } catch (error) {
    const isLate = error instanceof jwt.TokenExpiredError
    throw new FileLinkError(isLate ? 'LINK_EXPIRED' : 'LINK_INVALID')
  }
}
