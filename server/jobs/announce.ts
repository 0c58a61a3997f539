import { randomUUID } from 'node:crypto'
import type { NatsConnection } from '@nats-io/transport-node'
import type { Domain } from '@presage/domain/domain'
import { notifyChanges } from '@presage/domain/events/publish-changes'
import { CHANGED_SUBJECT, type Change, changedSchema } from '@presage/messages/hint'
import {
  KEY_REQUESTS_SUBJECT,
  type KeyRequestCounts,
  keyRequestsSchema,
} from '@presage/messages/key-requests'
import { SALE_CHANGED_SUBJECT, saleChangedSchema } from '@presage/messages/sale-changed'
import { SESSION_ENDED_SUBJECT, sessionEndedSchema } from '@presage/messages/session-ended'
import type { Logger } from 'pino'
import type { z } from 'zod'
import type { Broker } from './broker.js'

/** Changes in one hint, 130 bytes each: well under the 1 MiB that NATS takes. */
const MAX_CHANGES = 2000

/** Tells the other servers, by hints that may be lost, what happened on this one. */
export class Announcer {
  readonly #broker: Broker
  readonly #server = randomUUID()

  constructor(broker: Broker) {
    this.#broker = broker
  }

  /** One hint for one transaction. */
  changes(changes: Change[]): void {
    for (let i = 0; i < changes.length; i += MAX_CHANGES)
      this.#say(CHANGED_SUBJECT, { changes: changes.slice(i, i + MAX_CHANGES) })
  }

  sessionEnded(sessionId: string): void {
    this.#say(SESSION_ENDED_SUBJECT, { sessionId })
  }

  saleChanged(model: string): void {
    this.#say(SALE_CHANGED_SUBJECT, { model })
  }

  /** How often API keys have called here; this server passes over its own words. */
  keyRequests({ minute, counts }: Pick<KeyRequestCounts, 'minute' | 'counts'>): void {
    const all = Object.entries(counts)
    for (let i = 0; i < all.length; i += MAX_CHANGES) {
      const part = Object.fromEntries(all.slice(i, i + MAX_CHANGES))
      this.#say(KEY_REQUESTS_SUBJECT, { server: this.#server, minute, counts: part })
    }
  }

  isOwn({ server }: KeyRequestCounts): boolean {
    return server === this.#server
  }

  #say(subject: string, hint: object): void {
    try {
      this.#broker.connection?.publish(subject, JSON.stringify(hint))
    } catch {
      // A connection that closes at this moment. The commit stands; watchers re-read by themselves.
    }
  }
}

/** Passes on what other servers announce. */
export function hearAnnouncements(
  connection: NatsConnection,
  domain: Pick<Domain, 'signals' | 'heldHere'>,
  hearer: {
    changes(changes: Change[]): void
    sessionEnded(sessionId: string): void
    saleChanged(): void
    keyRequests(counts: KeyRequestCounts): void
  },
  log: Logger,
): void {
  const hear = <T>(subject: string, schema: z.ZodType<T>, act: (hint: T) => void) =>
    connection.subscribe(subject, {
      callback: (error, message) => {
        if (error) return
        try {
          act(schema.parse(JSON.parse(message.string())))
        } catch (err) {
          log.warn({ subject, err }, 'a hint was not understood')
        }
      },
    })
  hear(CHANGED_SUBJECT, changedSchema, ({ changes }) => {
    hearer.changes(changes)
    notifyChanges(domain, changes)
  })
  hear(SESSION_ENDED_SUBJECT, sessionEndedSchema, ({ sessionId }) => hearer.sessionEnded(sessionId))
  hear(SALE_CHANGED_SUBJECT, saleChangedSchema, () => hearer.saleChanged())
  hear(KEY_REQUESTS_SUBJECT, keyRequestsSchema, (counts) => hearer.keyRequests(counts))
}
