import type { LaneObserver } from './lane/lane.js'
import type { Closed } from './predictions/close-predictions.js'
import type { HoldItem } from './predictions/hold-predictions.js'

/** The lanes of a domain, by what they do. */
export type LaneName =
  | 'holds'
  | 'bulk-holds'
  | 'closings'
  | 'predictions'
  | 'wallets'
  | 'bulks'
  | 'log'

/** Predictions that one transaction paid for and queued. */
export interface HeldBatch {
  calls: readonly HoldItem[]
  /** The calls that met in it, those that were refused among them. */
  size: number
  /** When it began, in ms by `performance.now()`. */
  startMs: number
}

/** Hears what the domain does, after each commit. */
export interface DomainObserver {
  /** Who hears of a lane's batches. */
  lane(name: LaneName): LaneObserver
  held(batch: HeldBatch): void
  /** A prediction has ended. */
  ended(closed: Closed): void
}

/** Tells several observers at once; undefined when there is none to tell. */
export function domainObservers(
  list: readonly (DomainObserver | undefined)[],
): DomainObserver | undefined {
  const all = list.filter((each) => each !== undefined)
  if (all.length < 2) return all[0]
  return {
    lane: (name) => {
      const hear = all.map((each) => each.lane(name))
      return (batch) => {
        for (const each of hear) each(batch)
      }
    },
    held: (batch) => {
      for (const each of all) each.held(batch)
    },
    ended: (closed) => {
      for (const each of all) each.ended(closed)
    },
  }
}
