import { setTimeout as after } from 'node:timers/promises'
import type { NatsConnection } from '@nats-io/transport-node'
import { type InternalServer, openInternalServer } from '@presage/telemetry/internal-server'
import { openTracing } from '@presage/telemetry/tracing'
import type { Logger } from 'pino'
import type { WorkerConfig } from './config.js'
import { Consumption } from './consume/consumption.js'
import { Inference, type ReadyMessage } from './consume/inference.js'
import { loadPlain } from './consume/load-models.js'
import type { ServedModel } from './consume/thread-messages.js'
import { ObjectFiles } from './files/file-store.js'
import type { WorkerMetrics } from './metrics/worker-metrics.js'
import { connectNats } from './nats.js'
import { workerTracer } from './tracing/worker-tracer.js'

/** For the last acknowledgements, and the last steps of traces, to leave the process. */
const FLUSH_MS = 1_000

/** The thread's file beside this one: TypeScript from the sources, JavaScript from `dist`. */
const EXTENSION = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const THREAD = new URL(`./consume/inference-thread.${EXTENSION}`, import.meta.url)

/** No installed model can be served by this worker. */
export class UnservableError extends Error {
  override readonly name = 'UnservableError'
}

/** A worker at work. */
export interface RunningWorker {
  served: readonly ServedModel[]
  /** Resolves when the connection is closed for good: by `stop`, or because NATS refuses it. */
  cutOff: Promise<Error | undefined>
  /** Drains within the configured bound and returns how many jobs were given back. */
  stop(): Promise<number>
}

/**
 * Opens the models, connects and starts to consume; waits for NATS as long as it takes.
 * @param thread the file of the inference thread; the tests bring their own.
 * @throws UnservableError when there is no model to serve.
 */
export async function startWorker(
  config: WorkerConfig,
  log: Logger,
  thread: URL = THREAD,
): Promise<RunningWorker> {
  const { modelsDir, models, computeTimeoutMs, natsUrls, name, drainMs } = config
  const inference = new Inference({ file: thread, modelsDir, models, computeTimeoutMs, log })
  const { served, refused, backend } = await openModels(inference, log)
  const plain = await loadPlain(modelsDir, served, log)
  log.info({ servers: natsUrls.map((url) => new URL(url).host) }, 'connecting to NATS')
  const connection = await connectNats(natsUrls, `presage worker ${name}`)
  const metrics = config.metrics ? await openMetrics() : null
  const tracing = await openTracing(config.tracing, (fault) =>
    log.warn({ fault }, 'traces are lost'),
  )
  const consumption = new Consumption({
    ...config,
    observer: metrics?.observer,
    tracer: tracing && workerTracer(tracing),
    worker: name,
    backend,
    connection,
    inference,
    files: new ObjectFiles(connection),
    served,
    plain,
    refused,
    log,
  })
  consumption.start()
  const internal = metrics && (await openInternals(config, metrics, consumption, log))
  const leave = async () => {
    const givenBack = await consumption.drain(drainMs)
    await close(connection, inference)
    await Promise.race([tracing?.close(), after(FLUSH_MS, undefined, { ref: false })])
    await internal?.close()
    return givenBack
  }
  let left: Promise<number> | undefined
  return {
    served,
    cutOff: connection.closed().then((error) => error ?? undefined),
    stop() {
      left ??= leave()
      return left
    },
  }
}

/** What counts is loaded only where somebody wants to know. */
async function openMetrics(): Promise<WorkerMetrics> {
  const { WorkerMetrics } = await import('./metrics/worker-metrics.js')
  return new WorkerMetrics()
}

/** The port for those who run this worker, where they want one. */
async function openInternals(
  { metrics: address }: WorkerConfig,
  metrics: WorkerMetrics,
  consumption: Consumption,
  log: Logger,
): Promise<InternalServer | null> {
  if (!address) return null
  const { registry } = metrics
  metrics.read(() => consumption.inFlight)
  const internal = await openInternalServer(address, {
    metrics: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    readiness: async () => consumption.state,
  })
  log.info({ internalUrl: internal.url }, 'metrics are served')
  return internal
}

async function openModels(
  inference: Inference,
  log: Logger,
): Promise<Pick<ReadyMessage, 'served' | 'refused' | 'backend'>> {
  const { served, refused, backend } = await inference.open().catch((error: Error) => {
    throw new UnservableError(error.message, { cause: error })
  })
  for (const model of refused)
    log.error(model, 'this worker leaves a model it cannot open to others')
  if (served.length > 0) return { served, refused, backend }
  await inference.close()
  throw new UnservableError(
    `No installed model can be served. ${refused.map((it) => it.reason).join('\n')}`.trim(),
  )
}

async function close(connection: NatsConnection, inference: Inference): Promise<void> {
  const late = after(FLUSH_MS, undefined, { ref: false })
  await Promise.race([connection.flush().catch(() => undefined), late])
  await connection.close()
  await inference.close()
}
