import type { NatsConnection, Subscription } from '@nats-io/transport-node'
import type { Domain } from '@presage/domain/domain'
import { changeOf, publishChanges } from '@presage/domain/events/publish-changes'
import { startPredictions } from '@presage/domain/predictions/start-predictions'
import { SERVERS_QUEUE } from '@presage/messages/result'
import { STARTED_SUBJECT, startedSchema } from '@presage/messages/started'
import type { Logger } from 'pino'

/** Marks as running what workers say they have begun; a hint that fails costs only a late status. */
export function markStarted(connection: NatsConnection, domain: Domain, log: Logger): Subscription {
  return connection.subscribe(STARTED_SUBJECT, {
    queue: SERVERS_QUEUE,
    callback: (error, message) => {
      if (error) return
      start(domain, message.string()).catch((err: unknown) =>
        log.warn({ err }, 'predictions were not marked as running'),
      )
    },
  })
}

async function start(domain: Domain, text: string): Promise<void> {
  const { ids } = startedSchema.parse(JSON.parse(text))
  const started = await startPredictions(domain.db.pool, ids)
  publishChanges(
    domain,
    started.map((each) => changeOf({ ...each, to: 'RUNNING' })),
  )
}
