import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import type { Domain } from '@presage/domain/domain'
import type { Closing } from '@presage/domain/predictions/close-predictions'
import {
  RESULTS_SUBJECT,
  type Result,
  resultSchema,
  resultsSchema,
  SERVERS_QUEUE,
  type Verdict,
  type Verdicts,
} from '@presage/messages/result'
import type { Logger } from 'pino'
import { z } from 'zod'
import type { JobTracer } from './job-tracer.js'
import type { TurnEnd } from './turn-end.js'

/** A batch whose results are judged one by one, so that a bad one condemns only itself. */
const batchSchema = z.object({
  worker: z.string(),
  results: z.array(z.unknown()),
  // They serve logs and traces only: those that cannot be read must not condemn a result.
  origins: resultsSchema.shape.origins.catch(undefined),
})

/** What can be said of a result whatever else is wrong with it. */
const namedSchema = z.object({ id: z.uuid() })

/** Data exceptions and violated constraints: this result will never be accepted. */
const DATA_ERROR = /^2[23]/

/** Settles workers' results, sharing them with the other servers. */
export class Settlement {
  readonly #domain: Pick<Domain, 'closings'>
  readonly #log: Logger
  readonly #tracer: JobTracer | null
  readonly #turnEnd: TurnEnd
  readonly #answering = new Set<Promise<void>>()
  #subscription: Subscription | null = null

  constructor(
    domain: Pick<Domain, 'closings'>,
    log: Logger,
    tracer: JobTracer | null,
    turnEnd: TurnEnd,
  ) {
    this.#domain = domain
    this.#log = log
    this.#tracer = tracer
    this.#turnEnd = turnEnd
  }

  /** Begins to take results from a new connection. */
  listen(connection: NatsConnection): void {
    this.#subscription = connection.subscribe(RESULTS_SUBJECT, {
      queue: SERVERS_QUEUE,
      callback: (error, message) => {
        if (!error) this.#take(message)
      },
    })
  }

  /** Leaves new results to the other servers; resolves when those taken are answered. */
  async stop(): Promise<void> {
    await this.#subscription?.drain().catch(() => {})
    await Promise.all(this.#answering)
  }

  #take(message: Msg): void {
    const answering = this.#answer(message).finally(() => this.#answering.delete(answering))
    this.#answering.add(answering)
  }

  async #answer(message: Msg): Promise<void> {
    try {
      const raw: unknown = JSON.parse(message.string())
      const verdicts = await verdictsOn(this.#domain, raw, this.#log, this.#tracer)
      const text = JSON.stringify({ verdicts } satisfies Verdicts)
      await this.#turnEnd.add(() => message.respond(text))
    } catch (err) {
      // Without a reply the worker asks again.
      this.#log.error({ err }, 'a batch of results was not answered')
    }
  }
}

/**
 * Settles a worker's batch; resolves when every result is decided, to its verdict by prediction id.
 *
 * @throws ZodError when it is no batch at all.
 */
export async function verdictsOn(
  domain: Pick<Domain, 'closings'>,
  raw: unknown,
  log: Logger,
  tracer: JobTracer | null = null,
): Promise<Record<string, Verdict>> {
  const startMs = tracer ? performance.now() : 0
  const { worker, results, origins = {} } = batchSchema.parse(raw)
  const tells = log.isLevelEnabled('debug')
  const verdicts: Record<string, Verdict> = {}
  await Promise.all(
    results.map(async (each) => {
      const { data, error } = resultSchema.safeParse(each)
      const id = data?.id ?? namedSchema.safeParse(each).data?.id
      if (!id) return log.error({ worker }, 'a result names no prediction')
      const origin = origins[id]
      const tag = { worker, id, correlationId: origin?.correlationId }
      if (error) log.error({ ...tag, err: error }, 'a result is malformed')
      const verdict = data ? await verdictOn(domain, data, tag, log) : 'invalid'
      if (tells) log.debug({ ...tag, verdict }, 'a result was judged')
      const { length: size } = results
      tracer?.judged({ id, worker, origin, startMs, size, outcome: data?.outcome, verdict })
      verdicts[id] = verdict
    }),
  )
  return verdicts
}

async function verdictOn(
  domain: Pick<Domain, 'closings'>,
  result: Result,
  tag: object,
  log: Logger,
): Promise<Verdict> {
  try {
    return (await domain.closings.submit(closingOf(result))) ? 'settled' : 'closed'
  } catch (error) {
    const verdict = isDataError(error) ? 'invalid' : 'retry'
    log.warn({ ...tag, verdict, err: error }, 'a result was not settled')
    return verdict
  }
}

const closingOf = (result: Result): Closing =>
  result.outcome === 'succeeded'
    ? {
        id: result.id,
        status: 'SUCCEEDED',
        output: result.output,
        explanation: result.explanation,
      }
    : { id: result.id, status: 'FAILED', failure: result.failure }

const isDataError = (error: unknown): boolean =>
  error instanceof Error &&
  'code' in error &&
  typeof error.code === 'string' &&
  DATA_ERROR.test(error.code)
