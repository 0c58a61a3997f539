import sharp, { type Metadata } from 'sharp'
import { PhotoError } from './photo-error.js'

/** What a caller may send: 50 megapixels are 150 MB as red, green and blue. */
const MOST_PIXELS = 50_000_000

/** The longer side, in pixels, of the copy that the network and the refinement look at. */
const COPY_SIDE = 1600

const JPEG = '\xff\xd8\xff'
const PNG = '\x89PNG\r\n\x1a\n'

/** By how a file begins: no decoder but of these is even asked. */
function isPhoto(bytes: Uint8Array): boolean {
  const beginning = Buffer.from(bytes.subarray(0, 16)).toString('latin1')
  const isWebp = beginning.startsWith('RIFF') && beginning.startsWith('WEBP', 8)
  return beginning.startsWith(JPEG) || beginning.startsWith(PNG) || isWebp
}

/** Red, green and blue of each pixel, 0 to 255, in rows from the top left. */
export interface Pixels {
  readonly width: number
  readonly height: number
  readonly rgb: Uint8Array
}

/**
 * A decoded photo, turned upright, in sRGB: red, green, blue and, of a photo with transparency,
 * alpha of each pixel. `copy` is what to look at: on white, and at most 1,600 pixels long.
 */
export interface Photo {
  readonly width: number
  readonly height: number
  readonly channels: 3 | 4
  readonly data: Uint8Array
  readonly copy: Pixels
}

// What was decoded is never asked for again.
sharp.cache(false)

const open = (bytes: Uint8Array) =>
  sharp(bytes, { limitInputPixels: MOST_PIXELS, failOn: 'error', sequentialRead: true })

async function checkHeader(bytes: Uint8Array): Promise<void> {
  if (!isPhoto(bytes)) throw new PhotoError('UPLOAD_UNSUPPORTED')
  const { width, height }: Metadata = await open(bytes)
    .metadata()
    .catch((cause: unknown) => {
      const tooLarge = cause instanceof Error && cause.message.includes('pixel limit')
      throw new PhotoError(tooLarge ? 'UPLOAD_TOO_LARGE' : 'UPLOAD_UNREADABLE', { cause })
    })
  if (width * height > MOST_PIXELS) throw new PhotoError('UPLOAD_TOO_LARGE')
}

async function copyOf({ width, height, channels, data }: Omit<Photo, 'copy'>): Promise<Pixels> {
  if (channels === 3 && Math.max(width, height) <= COPY_SIDE) return { width, height, rgb: data }
  const copy = await sharp(data, { raw: { width, height, channels } })
    .flatten({ background: '#fff' })
    .resize(COPY_SIDE, COPY_SIDE, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: copy.info.width, height: copy.info.height, rgb: copy.data }
}

/**
 * Decodes a JPEG, PNG or WebP photo of at most 50 megapixels, measured before it is decoded:
 * turned by its EXIF orientation, converted by its colour profile (also CMYK) to sRGB, 8 bit.
 * Of an animation the first picture.
 * @throws PhotoError UPLOAD_UNSUPPORTED, UPLOAD_TOO_LARGE or UPLOAD_UNREADABLE.
 */
export async function decodePhoto(bytes: Uint8Array): Promise<Photo> {
  await checkHeader(bytes)
  const { data, info } = await open(bytes)
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw new PhotoError('UPLOAD_UNREADABLE', { cause })
    })
  const { width, height, channels } = info
  if (channels !== 3 && channels !== 4) throw new Error(`sRGB has 3 or 4 channels, not ${channels}`)
  const decoded = { width, height, channels, data }
  return { ...decoded, copy: await copyOf(decoded) }
}
