/** A bulk and where its items stand, counted when it was read. Credits are whole. */
export interface Bulk {
  id: string
  userId: string
  /** All items, the refused ones included. */
  size: number
  createdAt: Date
  /** Items that were refused at once; they cost nothing. */
  refused: number
  queued: number
  running: number
  succeeded: number
  failed: number
  canceled: number
  expired: number
  held: bigint
  captured: bigint
  released: bigint
  /** Items computed within the last {@link RATE_WINDOW_S}. */
  recent: number
  /** When the newest of the ended items ended; null = none has. */
  lastEndAt: Date | null
  readAt: Date
}

/** The seconds that a bulk's rate is taken over. */
export const RATE_WINDOW_S = 10

/** Items that have not ended. */
export const openOf = ({ queued, running }: Pick<Bulk, 'queued' | 'running'>): number =>
  queued + running

/** Items computed in a second, over the last 10 s or since the bulk began. */
export function perSecondOf({ recent, createdAt, readAt }: Bulk): number {
  const ageS = (readAt.getTime() - createdAt.getTime()) / 1000
  return recent / Math.min(RATE_WINDOW_S, Math.max(ageS, 0.1))
}

/** When the last item ends if it goes on as it does; null = it has ended, or nothing was seen yet. */
export function endsAbout(bulk: Bulk): Date | null {
  const [open, perSecond] = [openOf(bulk), perSecondOf(bulk)]
  if (open === 0 || perSecond === 0) return null
  return new Date(bulk.readAt.getTime() + (open * 1000) / perSecond)
}
