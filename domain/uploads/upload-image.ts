import { v7 as uuidv7 } from 'uuid'
import type { Domain } from '../domain.js'
import { type InputIssue, InvalidInputError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { countUpload } from './count-upload.js'
import { type ImageHeader, readImageHeader } from './image-header.js'
import { daysAfter, type Upload } from './upload.js'

/** A file as it arrives; what it is called says nothing. */
export interface SentFile {
  size: number
  arrayBuffer(): Promise<ArrayBuffer>
}

/** The most that an image may have, in bytes and in pixels. */
export const MAX_IMAGE_BYTES = 25 * 1024 * 1024
export const MAX_IMAGE_PIXELS = 50_000_000

const refused = (message: string, range: Pick<InputIssue, 'unit' | 'max' | 'choices'> = {}) =>
  new InvalidInputError([{ path: ['file'], message, ...range }])

/**
 * Takes a picture, which predictions can then be made of. Its size is checked by its header before
 * anything decodes it, and a picture that is refused leaves nothing behind.
 *
 * @throws InvalidInputError, RateLimitedError, UnavailableError
 */
export async function uploadImage(
  domain: Domain,
  { userId }: Viewer,
  file: SentFile,
): Promise<Upload> {
  if (file.size > MAX_IMAGE_BYTES)
    throw refused('An image may have 25 MiB.', { unit: 'bytes', max: MAX_IMAGE_BYTES })
  const bytes = new Uint8Array(await file.arrayBuffer())
  const header = await checkedHeader(bytes)
  const takeBack = await countUpload(domain, userId)
  const id = uuidv7()
  try {
    await domain.files.put(id, bytes)
    return await enter(domain, { id, userId, bytes: bytes.length, ...header })
  } catch (error) {
    // Whatever cannot be undone now, the search for orphans and the next day do.
    await Promise.allSettled([domain.files.remove(id), takeBack()])
    throw error
  }
}

async function checkedHeader(bytes: Uint8Array): Promise<ImageHeader> {
  const header = await readImageHeader(bytes)
  if (!header)
    throw refused('Send a JPEG, PNG or WebP image.', { choices: ['JPEG', 'PNG', 'WebP'] })
  const { width, height } = header
  if (width * height > MAX_IMAGE_PIXELS)
    throw refused(`An image may have 50 megapixels; this has ${width} × ${height}.`, {
      unit: 'pixels',
      max: MAX_IMAGE_PIXELS,
    })
  return header
}

/** From here on it is an upload. */
const enter = (
  { db, identity, fileTerms }: Domain,
  row: Omit<Upload, 'createdAt' | 'expiresAt'>,
): Promise<Upload> => {
  const createdAt = identity.now()
  const expiresAt = daysAfter(createdAt, fileTerms.uploadsKeptDays)
  return db.prisma.upload.create({ data: { ...row, createdAt, expiresAt } })
}
