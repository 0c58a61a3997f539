import { randomUUID } from 'node:crypto'
import {
  type ConsumerConfig,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { type NatsConnection, nanos, type Subscription } from '@nats-io/transport-node'
import { JOBS_STREAM, type Job, jobConsumer, jobFilter, jobSubject } from '@presage/messages/job'
import { RESULTS_SUBJECT, type Result, resultsSchema, type Verdict } from '@presage/messages/result'
import { STARTED_SUBJECT, startedSchema } from '@presage/messages/started'
import { connectNats } from '@presage/worker/nats'

const MODELS = [
  ['fake', '1.0.0'],
  ['other', '2.1.0'],
  ['broken', '1.0.0'],
  ['portrait-cutout', '1.0.0'],
  ['credit-default', '1.0.0'],
] as const

/** Plays the servers' part: owns the stream and the consumers, publishes jobs, gives verdicts. */
export class SettlingServer {
  /** All results received, in order, with repetitions. */
  readonly results: Result[] = []
  readonly startedIds: string[] = []
  /** Jobs without a final verdict. */
  readonly open = new Set<string>()
  /** Bytes of each request. */
  readonly requests: number[] = []
  verdict: (result: Result) => Verdict = () => 'settled'
  private subscription: Subscription | undefined

  private constructor(
    readonly connection: NatsConnection,
    readonly manager: JetStreamManager,
    private readonly stream: JetStreamClient,
  ) {}

  static async start(url: string, consumer: Partial<ConsumerConfig> = {}): Promise<SettlingServer> {
    const connection = await connectNats([url], 'settling server')
    const manager = await jetstreamManager(connection)
    const server = new SettlingServer(connection, manager, jetstream(connection))
    connection.subscribe(STARTED_SUBJECT, {
      callback: (_error, message) => {
        server.startedIds.push(...startedSchema.parse(message.json()).ids)
      },
    })
    await server.createStream(consumer)
    server.answer()
    return server
  }

  async createStream(consumer: Partial<ConsumerConfig> = {}): Promise<void> {
    await this.manager.streams.add({
      name: JOBS_STREAM,
      subjects: ['jobs.>'],
      retention: 'workqueue',
      first_seq: Date.now(),
    })
    // 2.10 finds a stream with first_seq empty after a SIGKILL, whatever was in it, until the first
    // message has ever been removed from it.
    const { seq } = await this.stream.publish('jobs.first', '')
    await this.manager.streams.deleteMessage(JOBS_STREAM, seq)
    await this.createConsumers(consumer)
  }

  async createConsumers(consumer: Partial<ConsumerConfig> = {}): Promise<void> {
    for (const [model, version] of MODELS)
      await this.manager.consumers.add(JOBS_STREAM, {
        durable_name: jobConsumer(model, version),
        filter_subject: jobFilter(model, version),
        ack_policy: 'explicit',
        ack_wait: nanos(5_000),
        max_deliver: -1,
        deliver_policy: 'all',
        ...consumer,
      })
  }

  /** Starts to answer results. */
  answer(): void {
    this.subscription = this.connection.subscribe(RESULTS_SUBJECT, {
      callback: (_error, message) => {
        const { results } = resultsSchema.parse(message.json())
        this.results.push(...results)
        this.requests.push(message.data.length)
        const verdicts = results.map((result) => [result.id, this.decide(result)])
        message.respond(JSON.stringify({ verdicts: Object.fromEntries(verdicts) }))
      },
    })
  }

  /** Nobody answers results any more. */
  async fallSilent(): Promise<void> {
    this.subscription?.unsubscribe()
    await this.connection.flush()
  }

  async publish(input: Job['input'], more: Partial<Job> = {}): Promise<string> {
    const id = more.id ?? randomUUID()
    const job = {
      model: 'fake',
      version: '1.0.0',
      variant: 'v1',
      explain: false,
      ...more,
      id,
      input,
    }
    this.open.add(id)
    await this.publishText(job, JSON.stringify(job))
    return id
  }

  async publishText(job: Pick<Job, 'model' | 'version' | 'id'>, text: string): Promise<void> {
    await this.stream.publish(jobSubject(job), text)
  }

  /** `count` jobs that answer how many were computed together. */
  publishMany(count: number, more: Partial<Job> = {}): Promise<string[]> {
    return Promise.all(Array.from({ length: count }, () => this.publish({}, more)))
  }

  /** Takes a job of a model, as a worker would, until it is given back. */
  async take(
    [model, version]: readonly [string, string] = MODELS[0],
  ): Promise<{ giveBack(): Promise<void> }> {
    const consumer = await this.stream.consumers.get(JOBS_STREAM, jobConsumer(model, version))
    const job = await consumer.next({ expires: 5_000 })
    if (!job) throw new Error('no job waits')
    return {
      giveBack: () => {
        job.nak(1)
        return this.connection.flush()
      },
    }
  }

  /** Has a job of the model `fake` delivered in vain, `times` times. */
  async giveBack(times: number): Promise<void> {
    for (let i = 0; i < times; i++) await (await this.take()).giveBack()
  }

  /** A model's jobs: handed to a worker and not ended, waiting, and all deliveries so far. */
  async queue(
    [model, version]: readonly [string, string] = MODELS[0],
  ): Promise<{ inHand: number; waiting: number; deliveries: number }> {
    const info = await this.manager.consumers.info(JOBS_STREAM, jobConsumer(model, version))
    const { num_ack_pending: inHand, num_pending: waiting, delivered } = info
    return { inHand, waiting, deliveries: delivered.consumer_seq }
  }

  async inStream(): Promise<number> {
    return (await this.manager.streams.info(JOBS_STREAM)).state.messages
  }

  resultsOf(id: string): Result[] {
    return this.results.filter((result) => result.id === id)
  }

  private decide(result: Result): Verdict {
    const verdict = this.verdict(result)
    if (verdict !== 'retry' && verdict !== 'invalid') this.open.delete(result.id)
    return verdict
  }
}
