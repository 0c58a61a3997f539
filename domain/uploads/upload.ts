import type { Upload } from '@presage/prisma/generated/client/client'

export type { Upload }

/** How long pictures are kept, in whole days. */
export interface FileTerms {
  /** From the upload on. */
  uploadsKeptDays: number
  /** From when the prediction was queued. */
  resultsKeptDays: number
}

export const DEFAULT_FILE_TERMS: FileTerms = { uploadsKeptDays: 30, resultsKeptDays: 30 }

const DAY_MS = 86_400_000

/** So many days after a time. */
export const daysAfter = (from: Date, days: number): Date =>
  new Date(from.getTime() + days * DAY_MS)
