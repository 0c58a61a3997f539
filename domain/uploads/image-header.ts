/** What an image’s header says of it; the size is as it is looked at, EXIF orientation applied. */
export interface ImageHeader {
  mediaType: ImageType
  width: number
  height: number
}

/** The kinds of images that are taken. */
export type ImageType = 'image/jpeg' | 'image/png' | 'image/webp'

/** How the files of each kind begin, in hexadecimal. */
const BEGINNINGS: readonly [ImageType, RegExp][] = [
  ['image/jpeg', /^ffd8ff/],
  ['image/png', /^89504e470d0a1a0a/],
  ['image/webp', /^52494646.{8}57454250/],
]

const LONGEST_BEGINNING = 12

/** The kind of an image by its content; null = none of those that are taken. */
function imageTypeOf(bytes: Uint8Array): ImageType | null {
  const beginning = Buffer.from(bytes.subarray(0, LONGEST_BEGINNING)).toString('hex')
  return BEGINNINGS.find(([, pattern]) => pattern.test(beginning))?.[0] ?? null
}

/**
 * Reads an image’s header; no pixel is decoded. The decoder is loaded with the first image, and sees
 * nothing but the three kinds.
 *
 * @returns null when it is none of them, or its header cannot be read.
 */
export async function readImageHeader(bytes: Uint8Array): Promise<ImageHeader | null> {
  const mediaType = imageTypeOf(bytes)
  if (!mediaType) return null
  const { default: sharp } = await import('sharp')
  // The bound is our own: the library’s would hide how large the image is.
  const image = sharp(bytes, { limitInputPixels: false })
  const header = await image.metadata().catch(() => null)
  return header && { mediaType, ...header.autoOrient }
}
