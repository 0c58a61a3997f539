import { type JsMsg, jetstream } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM, type Job, jobConsumer, jobSchema } from '@presage/messages/job'
import { natsAddress } from '@presage/messages/nats-address'
import type { RegressionOutput } from '@presage/messages/output'
import {
  RESULTS_SUBJECT,
  type Result,
  type Verdict,
  verdictsSchema,
} from '@presage/messages/result'
import { STARTED_SUBJECT } from '@presage/messages/started'

/** A job as it was delivered. */
export interface Delivery {
  job: Job
  message: JsMsg
}

/** A worker that a test moves by hand. */
export class HandWorker {
  private constructor(readonly connection: NatsConnection) {}

  static async join(natsUrl: string): Promise<HandWorker> {
    return new HandWorker(await connect(natsAddress([natsUrl])))
  }

  /** Takes the next job of a model, waiting until there is one. */
  async take(model = 'bio-age', version = '1.0.0'): Promise<Delivery> {
    const consumer = await jetstream(this.connection).consumers.get(
      JOBS_STREAM,
      jobConsumer(model, version),
    )
    const message = await consumer.next({ expires: 30_000 })
    if (!message) throw new Error('no job came')
    return { job: jobSchema.parse(message.json()), message }
  }

  /** Has the servers settle a result; answers with their verdict. */
  async settle(result: Result): Promise<Verdict | undefined> {
    const payload = JSON.stringify({ worker: 'by hand', results: [result] })
    const reply = await this.connection.request(RESULTS_SUBJECT, payload, { timeout: 10_000 })
    return verdictsSchema.parse(reply.json()).verdicts[result.id]
  }

  /** Tells the servers that these are being computed. */
  start(...ids: string[]): void {
    this.connection.publish(STARTED_SUBJECT, JSON.stringify({ worker: 'by hand', ids }))
  }

  close(): Promise<void> {
    return this.connection.close()
  }
}

/** The result of a job that came out well. */
export const succeeded = (id: string, value = 42): Result => ({
  ...{ id, outcome: 'succeeded' },
  output: { ...NO_INTERVAL, kind: 'regression', value, unit: 'years', measures: [] },
})

const NO_INTERVAL = { low: null, high: null, level: null } satisfies Partial<RegressionOutput>

/** The result of a job that could not be done. */
export const failed = (id: string): Result => ({
  ...{ id, outcome: 'failed' },
  failure: { code: 'NO', message: 'This blood cannot be read.' },
})
