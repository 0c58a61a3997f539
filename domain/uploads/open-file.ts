import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import { findPrediction } from '../predictions/read-prediction.js'
import { type FileRef, readLink } from './file-link.js'
import type { StoredFile } from './file-store.js'
import { keptResult } from './kept-result.js'

/** A file on its way to who holds a link to it. */
export interface OpenFile extends StoredFile {
  mediaType: string
  /** Without any path. */
  fileName: string
  /** Until when the link is good. */
  expiresAt: Date
}

/**
 * Opens what a link leads to, as long as it is there and is still that user’s.
 *
 * @throws FileLinkError, NotFoundError, UnavailableError
 */
export async function openFile(domain: Domain, token: string): Promise<OpenFile> {
  const { userId, expiresAt, ...ref } = readLink(domain, token)
  const mediaType = await mediaTypeOf(domain, userId, ref)
  const stored = mediaType === null ? null : await domain.files.read(ref.id)
  if (!mediaType || !stored) throw new NotFoundError('This picture is not kept any more.')
  const fileName = `${ref.kind}-${ref.id}.${mediaType.replace(/^image\//, '')}`
  return { ...stored, mediaType, fileName, expiresAt }
}

/** null = it is not kept any more, or not this user’s. */
async function mediaTypeOf(
  domain: Domain,
  userId: string,
  { kind, id }: FileRef,
): Promise<string | null> {
  if (kind === 'result') {
    const prediction = await findPrediction(domain, { userId }, id)
    return (prediction && keptResult(domain, prediction)?.mediaType) ?? null
  }
  const upload = await domain.db.prisma.upload.findFirst({
    where: { id, userId, expiresAt: { gt: domain.identity.now() } },
  })
  return upload?.mediaType ?? null
}
