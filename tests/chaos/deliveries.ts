import { connect, type NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM } from '@presage/messages/job'
import { natsAddress } from '@presage/messages/nats-address'
import { RESULTS_SUBJECT } from '@presage/messages/result'
import { z } from 'zod'

/** `$JS.ACK.<stream>.<consumer>.<deliveries>.…` */
const DELIVERIES_TOKEN = 4

const batchSchema = z.object({ results: z.array(z.object({ id: z.string() })) })

/** Overhears what workers say, to tell how much work was done more than once. At least so much. */
export class Deliveries {
  /** Jobs acknowledged at their second delivery or later. */
  redelivered = 0
  /** Results that were sent to the servers before. */
  repeatedResults = 0
  readonly #seen = new Set<string>()

  private constructor(readonly connection: NatsConnection) {
    connection.subscribe(`$JS.ACK.${JOBS_STREAM}.>`, {
      callback: (error, message) => {
        const deliveries = Number(message.subject.split('.')[DELIVERIES_TOKEN])
        if (!error && deliveries > 1 && message.string() === '+ACK') this.redelivered += 1
      },
    })
    connection.subscribe(RESULTS_SUBJECT, {
      callback: (error, message) => {
        if (!error) this.#hear(message.string())
      },
    })
  }

  static async overhear(natsUrl: string): Promise<Deliveries> {
    return new Deliveries(await connect({ ...natsAddress([natsUrl]), maxReconnectAttempts: -1 }))
  }

  #hear(text: string): void {
    for (const { id } of batchSchema.parse(JSON.parse(text)).results) {
      if (this.#seen.has(id)) this.repeatedResults += 1
      this.#seen.add(id)
    }
  }
}
