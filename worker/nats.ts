import { connect, type NatsConnection } from '@nats-io/transport-node'
import { natsAddress } from '@presage/messages/nats-address'

/** A dead host or a cut cable shows within 10 s instead of the library's four minutes. */
const PING = { pingInterval: 5_000, maxPingOut: 2 }

/**
 * Connects and stays connected: waits for the first server, and reconnects for ever.
 * @param urls addresses of one cluster
 */
export function connectNats(urls: readonly string[], name: string): Promise<NatsConnection> {
  return connect({
    ...natsAddress(urls),
    name,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    noAsyncTraces: true,
    ...PING,
  })
}
