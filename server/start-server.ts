import { createDomain, type Domain } from '@presage/domain/domain'
import { ensureAdmin } from '@presage/domain/identity/ensure-admin'
import { createIdentity } from '@presage/domain/identity/identity'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { openDb } from '@presage/prisma/client'
import { deployMigrations } from '@presage/prisma/migrate'
import { buildSchema } from '@presage/schema/schema'
import type { Logger } from 'pino'
import type { ServerConfig } from './config.js'
import { Engine } from './execution/engine.js'
import { SessionEnds } from './execution/session-ends.js'
import { CrossOrigin } from './http/cross-origin.js'
import { exampleOperations } from './http/example-operations.js'
import { GraphiQL } from './http/graphiql.js'
import { graphqlEndpoint } from './http/graphql-endpoint.js'
import { readiness } from './http/health.js'
import { HttpServer } from './http/http-server.js'
import { Jobs } from './jobs/jobs.js'
import { within } from './jobs/within.js'
import { GraphQLSocket } from './ws/graphql-socket.js'

/** A server that takes requests. */
export interface RunningServer {
  /** Without a path. */
  url: string
  domain: Domain
  /** Takes no more requests, but goes on settling what workers still have in hand. */
  closeIntake(): Promise<void>
  /** Stops in order, each step within the configured bound. */
  stop(): Promise<void>
}

/**
 * Migrates, puts everything together and listens. PostgreSQL must be there; NATS may come later. A
 * process has one catalogue.
 *
 * @throws MigrationEditedError, SchemaEngineError, EmailTakenError, or the error of the
 * port or of the database's connection.
 */
export async function startServer(
  config: ServerConfig,
  log: Logger,
  catalogue: Catalogue,
): Promise<RunningServer> {
  const applied = await deployMigrations(config.databaseUrl)
  if (applied.length > 0) log.info({ applied }, 'migrated')
  const db = openDb(config.databaseUrl, { poolSize: config.databaseConnections })
  const ends = new SessionEnds()
  const jobs = new Jobs({
    natsUrls: config.natsUrls,
    limits: config.stream,
    onSessionEnded: (sessionId) => ends.end(sessionId),
    log,
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
  const domain = createDomain({
    db,
    catalogue,
    identity,
    quoteKeys,
    testTopUps,
    outbox: jobs.outbox,
  })

  const engine = new Engine({ schema: buildSchema(catalogue), catalogue, log })
  const base = { domain, queuePosition: jobs.queuePosition }
  const parts = { engine, base, ends, trust: config.trust }
  const http = new HttpServer({
    graphql: graphqlEndpoint(parts),
    graphiql: new GraphiQL(exampleOperations(catalogue)),
    crossOrigin: new CrossOrigin(config.corsOrigins),
    socket: new GraphQLSocket(parts),
    readiness: () => readiness(db, jobs),
  })
  jobs.start(domain)
  const url = await http.listen(config.port, config.host)
  const stepMs = config.shutdownStepMs
  let closed: Promise<void> | undefined
  const closeIntake = () => {
    closed ??= http.close(stepMs)
    return closed
  }
  const leave = async () => {
    await closeIntake()
    await jobs.stop(stepMs)
    await within(stepMs, db.close())
  }
  let left: Promise<void> | undefined
  return {
    url,
    domain,
    closeIntake,
    stop() {
      left ??= leave()
      return left
    },
  }
}
