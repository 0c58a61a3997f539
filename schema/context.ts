import type { Desk } from '@presage/domain/desk/desk'
import type { Domain } from '@presage/domain/domain'
import type { Operations } from '@presage/domain/operations/operations'
import type { Prediction } from '@presage/domain/predictions/prediction'
import type { Viewer } from '@presage/domain/viewer'
import type { Origin } from '@presage/messages/origin'
import type { WorkerBeat } from '@presage/messages/worker-beat'

/** Where a queued prediction stands. */
export interface QueuePosition {
  ahead: number
  startsAbout: Date
}

/** A worker as it last said of itself. */
export interface WorkerView extends WorkerBeat {
  lastSeenAt: Date
  alive: boolean
}

/** How the jobs of one model version stand. */
export interface QueueView {
  model: string
  version: string
  waiting: number
  taken: number
  perSecond: number | null
  oldestAt: Date | null
}

/** What admins look at. */
export interface OperationsDesk {
  figures: Operations
  workers(): WorkerView[]
  queues(): QueueView[]
}

/** The refresh token's cookie, set and read by the HTTP server; absent over a socket. */
export interface Cookies {
  get(name: string): string | undefined
  set(name: string, value: string, options: { maxAgeS: number }): void
}

/** What a resolver sees of the request. A subscription's event has a new one each time. */
export interface GraphQLContext {
  domain: Domain
  creditDesk: Desk
  /** null = signed out */
  viewer: Viewer | null
  address: string
  device: string
  /** null over a socket, where no answer carries one. */
  cookies: Cookies | null
  /** The request or the socket's operation that this is part of. */
  origin: Origin
  desk: OperationsDesk
  /** Resolves to null when the broker cannot tell. */
  queuePosition(prediction: Prediction): Promise<QueuePosition | null>
}
