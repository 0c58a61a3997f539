import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'

/** Calls back whenever the connection is lost or stands again, until it is closed. */
export async function followConnection(
  connection: NatsConnection,
  log: Logger,
  on: { lost(): void; back(): void },
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') {
      log.warn({ server: status.server }, 'lost NATS; reconnecting')
      on.lost()
    }
    if (status.type === 'reconnect') {
      log.info({ server: status.server }, 'NATS is back')
      on.back()
    }
    if (status.type === 'error') log.error({ reason: status.error.message }, 'NATS complains')
  }
}
