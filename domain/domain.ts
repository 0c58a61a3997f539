import type { Change } from '@presage/messages/hint'
import type { Job, OutgoingJob } from '@presage/messages/job'
import type { Answer, Question } from '@presage/messages/question'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import type { Db } from '@presage/prisma/client'
import { type BulkAnswer, type BulkCall, bulkLane } from './bulks/hold-bulk.js'
import { SaleCatalogue } from './catalogue/sale-catalogue.js'
import { ShadowRuns } from './catalogue/shadow-runs.js'
import type { DomainObserver } from './domain-observer.js'
import { UnavailableError } from './errors.js'
import { changeOf, publishChanges, publishEnds } from './events/publish-changes.js'
import { type ReadLanes, readLanes } from './events/read-lanes.js'
import { Signals } from './events/signals.js'
import type { Identity } from './identity/identity.js'
import type { TokenKeys } from './identity/token-keys.js'
import type { Lane } from './lane/lane.js'
import {
  DEFAULT_LIMITS,
  type Limits,
  type UserLimits,
  WHAT_IFS_PER_MINUTE,
} from './limits/limits.js'
import { TokenBuckets } from './limits/token-buckets.js'
import {
  type Closed,
  type Closing,
  closeLane,
  type Ended,
} from './predictions/close-predictions.js'
import { HeldHere } from './predictions/held-here.js'
import {
  type HoldAnswer,
  type HoldCall,
  type HoldListener,
  holdLane,
} from './predictions/hold-predictions.js'
import { jobOfCall } from './predictions/queued-job.js'
import { Waits } from './predictions/waits.js'
import type { Product } from './privacy/product.js'
import { type FileStore, noFiles } from './uploads/file-store.js'
import { DEFAULT_FILE_TERMS, type FileTerms } from './uploads/upload.js'

/** A job, and whose it is. */
export interface OwnedJob {
  userId: string
  job: OutgoingJob
}

/**
 * What leaves the domain after a commit. Nothing here may fail or wait: PostgreSQL holds the truth,
 * and what is lost on the way is found again by the due loop and the watchers' own re-reading.
 */
export interface Outbox {
  /** Hands jobs to the broker. */
  publish(jobs: OwnedJob[]): void
  /** Takes back the jobs of predictions that ended before a worker took them. */
  withdraw(jobs: Pick<Job, 'id' | 'model' | 'version'>[]): void
  /** Tells the other servers what a transaction changed. */
  announce(changes: Change[]): void
  /** Tells the other servers that another version of a model is on sale, or at another price. */
  saleChanged(model: string): void
}

/**
 * Has a warm worker answer something at once, beside the queue.
 * @throws UnavailableError when no worker answers in time.
 */
export type Ask = (question: Question) => Promise<Answer>

/** What every domain function stands on. */
export interface Domain {
  readonly db: Db
  readonly catalogue: SaleCatalogue
  readonly identity: Identity
  readonly quoteKeys: TokenKeys
  readonly holds: Lane<HoldCall, HoldAnswer>
  readonly closings: Lane<Closing, Closed | null>
  readonly bulkHolds: Lane<BulkCall, BulkAnswer>
  readonly reads: ReadLanes
  readonly signals: Signals
  readonly waits: Waits
  readonly heldHere: HeldHere
  readonly outbox: Outbox
  readonly ask: Ask
  readonly files: FileStore
  readonly fileTerms: FileTerms
  readonly shadowRuns: ShadowRuns
  readonly limits: Limits
  readonly products: readonly Product[]
  /** Whether callers may top up by themselves, with play money. */
  readonly testTopUps: boolean
}

export interface DomainParts {
  db: Db
  /** As it is installed; what of it is on sale the database says. */
  catalogue: Catalogue
  identity: Identity
  quoteKeys: TokenKeys
  outbox: Outbox
  /** Nobody answers when left out. */
  ask?: Ask
  /** None are kept when left out. */
  files?: FileStore
  /** 30 days when left out. */
  fileTerms?: FileTerms
  /** Of each user; generous ones when left out. */
  limits?: UserLimits
  testTopUps: boolean
  /** What stands on the platform and keeps something about users; nothing when left out. */
  products?: readonly Product[]
  /** Of the calls that shadows are tried on, 0 to 1; none when left out. */
  shadowShare?: number
  observer?: DomainObserver | undefined
}

const nobodyAnswers: Ask = () =>
  Promise.reject(new UnavailableError('No worker answers at the moment. Try again.'))

/** Puts the domain together; its lanes own their connections. */
export function createDomain(parts: DomainParts): Domain {
  const signals = new Signals()
  const { observer, shadowShare: share = 0, ...ground } = parts
  const { db, outbox, ask = nobodyAnswers } = ground
  const catalogue = new SaleCatalogue(ground.catalogue)
  const shadowRuns = new ShadowRuns({ catalogue, ask, pool: db.pool, share })
  const heldHere = new HeldHere()
  const news = { signals, heldHere, outbox }
  const { predictionsPerMinute, ...limits } = ground.limits ?? DEFAULT_LIMITS
  const { openPredictions } = limits
  const onHold: HoldListener = {
    committed: (held) => {
      if (held.length > 0)
        outbox.publish(held.map(({ call }) => ({ userId: call.userId, job: jobOfCall(call) })))
    },
    held(held, size, startMs) {
      observer?.held({ calls: held.map(({ call }) => call), size, startMs })
      publishChanges(
        news,
        held.map(({ call, seq }) => changeOf({ ...call, seq, to: 'QUEUED' })),
      )
      shadowRuns.sample(held.map(({ call }) => call))
    },
  }
  const onClosed = (ended: Ended[]) => {
    if (observer) for (const { closed } of ended) observer.ended(closed)
    publishEnds(news, ended)
  }
  return {
    ...ground,
    ask,
    files: ground.files ?? noFiles,
    fileTerms: ground.fileTerms ?? DEFAULT_FILE_TERMS,
    products: ground.products ?? [],
    catalogue,
    shadowRuns,
    limits: {
      ...limits,
      tokens: new TokenBuckets(predictionsPerMinute),
      whatIfs: new TokenBuckets(WHAT_IFS_PER_MINUTE),
    },
    signals,
    waits: new Waits(),
    heldHere,
    reads: readLanes(db.lane, observer && ((name) => observer.lane(name))),
    holds: holdLane(db.lane('holds'), openPredictions, onHold, observer?.lane('holds')),
    bulkHolds: bulkLane(
      db.lane('bulk-holds'),
      openPredictions,
      onHold,
      observer?.lane('bulk-holds'),
    ),
    closings: closeLane(db.lane('closings'), onClosed, observer?.lane('closings')),
  }
}

/** Waits until no call is in a lane any more. */
export async function drainDomain(domain: Domain): Promise<void> {
  await Promise.all([domain.holds.idle(), domain.bulkHolds.idle(), domain.closings.idle()])
  await domain.shadowRuns.idle()
}
