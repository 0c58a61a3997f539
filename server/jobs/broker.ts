import { setTimeout as sleep } from 'node:timers/promises'
import { connect, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node'
import { natsAddress } from '@presage/messages/nats-address'
import type { Logger } from 'pino'

const RETRY_MS = 500

const SETTINGS: NodeConnectionOptions = {
  name: 'presage server',
  // A server has told its own watchers already: its hints need not come back.
  noEcho: true,
  noAsyncTraces: true,
  timeout: 3000,
  maxReconnectAttempts: -1,
  reconnectTimeWait: 250,
  // A dead host shows within 10 s instead of the library's four minutes.
  pingInterval: 5000,
  maxPingOut: 2,
}

/** What of a broker a job room wants to hear. */
export interface BrokerListener {
  /** A new connection, to subscribe on; subscriptions outlive reconnects by themselves. */
  opened?(connection: NatsConnection): void
  /** The connection stands, for the first time or again. */
  up?(connection: NatsConnection): void
  /** The connection is lost; what was sent and not answered may be too. */
  down?(): void
}

/**
 * The way to NATS, which may be absent at any time, the start included: it connects, and connects
 * again, for ever.
 */
export class Broker {
  readonly #urls: readonly string[]
  readonly #log: Logger
  readonly #listeners: BrokerListener[] = []
  readonly #closing = new AbortController()
  #connection: NatsConnection | null = null
  #up = false
  #running: Promise<void> = Promise.resolve()

  constructor(urls: readonly string[], log: Logger) {
    this.#urls = urls
    this.#log = log
  }

  /** The connection while it stands, else null. */
  get connection(): NatsConnection | null {
    return this.#up ? this.#connection : null
  }

  /** Hears of every connection from {@link start} on. */
  listen(listener: BrokerListener): void {
    this.#listeners.push(listener)
  }

  /** Begins to connect, in the background. */
  start(): void {
    this.#running = this.#run()
  }

  /** Sends what is still buffered and closes, within the bound. */
  async close(withinMs: number): Promise<void> {
    this.#closing.abort()
    const connection = this.#connection
    const late = sleep(withinMs, undefined, { ref: false })
    if (this.#up) await Promise.race([connection?.drain().catch(() => {}), late])
    await Promise.race([connection?.close().catch(() => {}), late])
    await Promise.race([this.#running, late])
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    for (let reported = false; !signal.aborted; ) {
      try {
        const connection = await connect({ ...SETTINGS, ...natsAddress(this.#urls) })
        reported = false
        await this.#follow(connection)
      } catch (error) {
        if (!reported) this.#log.warn({ reason: reasonOf(error) }, 'NATS is away; trying again')
        reported = true
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {})
    }
  }

  /** Follows a connection until it is closed for good. */
  async #follow(connection: NatsConnection): Promise<void> {
    if (this.#closing.signal.aborted) return connection.close()
    this.#connection = connection
    this.#log.info({ server: connection.getServer() }, 'connected to NATS')
    const statuses = connection.status()
    for (const listener of this.#listeners) listener.opened?.(connection)
    this.#rise(connection)
    for await (const status of statuses) {
      if (status.type === 'disconnect') this.#fall('lost NATS; reconnecting')
      else if (status.type === 'reconnect') this.#rise(connection)
      else if (status.type === 'error')
        this.#log.error({ reason: status.error.message }, 'NATS complains')
    }
    this.#fall('the connection to NATS was closed')
    this.#connection = null
  }

  #rise(connection: NatsConnection): void {
    this.#up = true
    for (const listener of this.#listeners) listener.up?.(connection)
  }

  #fall(message: string): void {
    if (!this.#up) return
    this.#up = false
    if (!this.#closing.signal.aborted) this.#log.warn(message)
    for (const listener of this.#listeners) listener.down?.()
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error)
