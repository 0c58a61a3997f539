import { enterVersions } from '@presage/domain/catalogue/enter-versions'
import { refreshCatalogue } from '@presage/domain/catalogue/refresh-catalogue'
import { createDesk } from '@presage/domain/desk/desk'
import { deskProduct } from '@presage/domain/desk/privacy/desk-product'
import { createDomain, type Domain } from '@presage/domain/domain'
import { domainObservers } from '@presage/domain/domain-observer'
import { createEventPartitions } from '@presage/domain/events/event-partitions'
import { ensureAdmin } from '@presage/domain/identity/ensure-admin'
import { createIdentity } from '@presage/domain/identity/identity'
import { createOperations } from '@presage/domain/operations/operations'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { openDb } from '@presage/prisma/client'
import { deployMigrations } from '@presage/prisma/migrate'
import { buildSchema } from '@presage/schema/schema'
import { openInternalServer } from '@presage/telemetry/internal-server'
import { openTracing } from '@presage/telemetry/tracing'
import type { Logger } from 'pino'
import type { Registry } from 'prom-client'
import type { ServerConfig } from './config.js'
import { startDeskLoops } from './desk/desk-loops.js'
import { exportRoute } from './desk/export-route.js'
import { Engine } from './execution/engine.js'
import { loggedOperations, observers } from './execution/engine-observer.js'
import { SessionEnds } from './execution/session-ends.js'
import { ObjectFiles } from './files/object-files.js'
import { CrossOrigin } from './http/cross-origin.js'
import { exampleOperations } from './http/example-operations.js'
import { fileRoute } from './http/file-route.js'
import { GraphiQL } from './http/graphiql.js'
import { graphqlEndpoint } from './http/graphql-endpoint.js'
import { readiness } from './http/health.js'
import { HttpServer } from './http/http-server.js'
import { askWorkers } from './jobs/ask.js'
import { Jobs } from './jobs/jobs.js'
import { within } from './jobs/within.js'
import type { ServerMetrics } from './metrics/server-metrics.js'
import { ServerTracer } from './tracing/server-tracer.js'
import { GraphQLSocket } from './ws/graphql-socket.js'

/** A server that takes requests. */
export interface RunningServer {
  /** Without a path. */
  url: string
  /** Of the port for those who run it; null = none was asked for. */
  internalUrl: string | null
  domain: Domain
  /** Drains, then takes no more requests, but goes on settling what workers still have in hand. */
  closeIntake(): Promise<void>
  /** Stops in order, each step within the configured bound. */
  stop(): Promise<void>
}

/**
 * Migrates, puts everything together and listens. PostgreSQL must be there; NATS may come later. A
 * process has one catalogue.
 *
 * @throws MigrationEditedError, SchemaEngineError, NoSuccessorError, NameCollisionError, EmailTakenError, or
 * the error of the port or of the database's connection.
 */
export async function startServer(
  config: ServerConfig,
  log: Logger,
  catalogue: Catalogue,
): Promise<RunningServer> {
  const applied = await deployMigrations(config.databaseUrl)
  if (applied.length > 0) log.info({ applied }, 'migrated')
  const metrics = config.metrics ? await openMetrics() : null
  const tracing = await openTracing(config.tracing, (fault) =>
    log.warn({ fault }, 'traces are lost'),
  )
  const tracer = tracing && new ServerTracer(tracing)
  const { domain, jobs, ends } = await standUp(config, log, catalogue, { metrics, tracer })
  const { db } = domain
  const engine = new Engine({
    schema: buildSchema(catalogue),
    catalogue,
    log,
    observer: observers([loggedOperations(log), metrics?.engine ?? null]),
    tracer,
  })
  const figures = createOperations(db, config.figuresEveryMs)
  const desk = { figures, workers: () => jobs.workers.list(), queues: () => jobs.queues }
  const creditDesk = createDesk(domain)
  const base = { domain, creditDesk, queuePosition: jobs.queuePosition, desk }
  const parts = { engine, base, ends, trust: config.trust }
  let draining = false
  const minWorkers = config.readyWorkers
  const ready = () => readiness({ db, jobs, minWorkers, isDraining: () => draining })
  const socket = new GraphQLSocket(parts)
  const http = new HttpServer({
    graphql: graphqlEndpoint(parts),
    files: exportRoute(creditDesk, fileRoute(domain)),
    graphiql: new GraphiQL(exampleOperations(catalogue)),
    crossOrigin: new CrossOrigin(config.corsOrigins),
    socket,
    readiness: ready,
    observer: metrics?.http,
  })
  jobs.start(domain)
  const endDesk = startDeskLoops(creditDesk, log)
  metrics?.read(jobs, figures, () => socket.size)
  const internal = metrics && (await openInternals(config, metrics.registry, ready))
  const url = await http.listen(config.port, config.host)
  const stepMs = config.shutdownStepMs
  const closeIntake = once(async () => {
    draining = true
    await http.drain(config.drainDelayMs)
    await http.leave(config.letGoMs)
    domain.waits.endAll()
    await http.close(stepMs)
  })
  const stop = once(async () => {
    await closeIntake()
    await jobs.stop(stepMs)
    await within(stepMs, endDesk())
    await within(stepMs, db.close())
    await within(stepMs, tracing?.close())
    await internal?.close()
  })
  return { url, internalUrl: internal?.url ?? null, domain, closeIntake, stop }
}

/** The domain and the way to NATS, which need each other. */
async function standUp(
  config: ServerConfig,
  log: Logger,
  catalogue: Catalogue,
  { metrics, tracer }: { metrics: ServerMetrics | null; tracer: ServerTracer | null },
) {
  const db = openDb(config.databaseUrl, { poolSize: config.databaseConnections })
  await createEventPartitions(db.pool)
  for (const replaced of await enterVersions(db, catalogue))
    log.warn(replaced, 'the version on sale is not installed: another is sold in its place')
  const ends = new SessionEnds()
  const jobs = new Jobs({
    natsUrls: config.natsUrls,
    limits: config.stream,
    jobsPerUser: config.jobsPerUser,
    eventsKeptDays: config.eventsKeptDays,
    onSessionEnded: (sessionId) => ends.end(sessionId),
    openSessions: () => ends.sessionIds,
    ...{ log, tracer },
  })
  const identity = createIdentity({
    db,
    tokens: config.tokens,
    dataKeys: config.dataKeys,
    totpRoles: config.totpRoles,
    signUpBonus: config.signUpBonus,
    onSessionEnded: jobs.sessionEnded,
  })
  if (config.admin) await ensureAdmin(identity, config.admin)
  const { testTopUps, tokens: quoteKeys } = config
  const { outbox } = jobs
  const { limits, shadowShare, fileTerms } = config
  const files = new ObjectFiles(jobs.broker, config.bucket, log)
  const observer = domainObservers([metrics?.domain, tracer?.domain])
  const means = { db, catalogue, identity, quoteKeys, outbox, files, fileTerms }
  const ask = askWorkers(jobs.broker)
  const kept = { testTopUps, products: [deskProduct] }
  const domain = createDomain({ ...means, ...kept, ask, limits, shadowShare, observer })
  await refreshCatalogue(domain)
  return { domain, jobs, ends }
}

/** What counts is loaded only where somebody wants to know. */
async function openMetrics(): Promise<ServerMetrics> {
  const { ServerMetrics } = await import('./metrics/server-metrics.js')
  return new ServerMetrics()
}

/** The port for those who run this server, where they want one. */
async function openInternals(
  { metrics }: ServerConfig,
  registry: Registry,
  ready: () => Promise<{ ready: boolean }>,
) {
  if (!metrics) return null
  return openInternalServer(metrics, {
    metrics: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
    readiness: ready,
  })
}

/** Does it at the first call, and answers every later one alike. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined
  return () => {
    done ??= work()
    return done
  }
}
