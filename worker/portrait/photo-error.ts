import { RowError } from '../runtimes/runtime.js'

const REASONS = {
  UPLOAD_UNSUPPORTED: 'The file is not a JPEG, PNG or WebP photo.',
  UPLOAD_UNREADABLE: 'The photo is damaged and cannot be decoded.',
  UPLOAD_TOO_LARGE: 'The photo has more than 50 megapixels.',
  NO_PERSON: 'No person was found in the photo.',
} as const

/** Why a photo cannot be cut out. */
export type PhotoProblem = keyof typeof REASONS

/** A photo that cannot be cut out, by its own fault. */
export class PhotoError extends RowError {
  override readonly name = 'PhotoError'
  constructor(code: PhotoProblem, options?: ErrorOptions) {
    super(REASONS[code], code, options)
  }
}
