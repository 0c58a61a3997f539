import type { LaneObserver } from './lane/lane.js'
import type { Closed } from './predictions/close-predictions.js'
import type { HoldItem } from './predictions/hold-predictions.js'

/** The lanes of a domain, by what they do. */
export type LaneName =
  | ('holds' | 'bulk-holds' | 'closings')
  | ('predictions' | 'wallets' | 'bulks' | 'log')

/** Hears what the domain does, after each commit. */
export interface DomainObserver {
  /** Who hears of a lane's batches. */
  lane(name: LaneName): LaneObserver
  /** A prediction was paid for and queued. */
  held(call: HoldItem): void
  /** A prediction has ended. */
  ended(closed: Closed): void
}
