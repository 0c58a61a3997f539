/** A rescoring of many, counted when it was read: refused + open + scored + failed + canceled = size. */
export interface DeskRun {
  id: string
  askedBy: string
  size: number
  createdAt: Date
  /** null = nobody has canceled it */
  canceledAt: Date | null
  /** Clients who could not be scored, or not paid for; they cost nothing. */
  refused: number
  scored: number
  /** Ended without a score; they cost nothing. */
  failed: number
  canceled: number
  /** Credits, whole. */
  held: bigint
  charged: bigint
  released: bigint
  /** When the latest end was recorded; null = none was. */
  lastEndAt: Date | null
}

/** Clients of a run who are not scored yet, and are to be. */
export const openOf = ({ size, refused, scored, failed, canceled }: DeskRun): number =>
  size - refused - scored - failed - canceled

/** Why a client of a run was not asked about, beside the codes of the platform's own refusals. */
export type RunRefusal = 'NOTHING_TO_SCORE' | 'CANCELED'
