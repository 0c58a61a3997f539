import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from './generated/client/client.js'

/** The two ways to the database: Prisma for reads and small writes, SQL for the hot path. */
export interface Db {
  readonly prisma: PrismaClient
  /** Reads and small writes; shared with Prisma, so that slow reads stay bounded together. */
  readonly pool: pg.Pool
  /**
   * A connection of its own for each lane, so that a slow read never starves a settlement. Its
   * statements are look-ups by key: it plans index scans even while the tables are new and empty,
   * since a prepared plan is kept until the first ANALYZE.
   */
  readonly lane: (name: string) => pg.Pool
  close(): Promise<void>
}

/** What runs inside an open Prisma transaction. */
export type Tx = Omit<
  PrismaClient,
  '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends' | '$use'
>

const int8 = 20

/** As pg's own parsers, but int8 as bigint, which is how Prisma types the same columns. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === int8 && format !== 'binary' ? BigInt : pg.types.getTypeParser(oid, format),
}

/**
 * How long a call waits for a connection, and a transaction may last. Prisma's own 2 s for the wait
 * fail callers that only had to queue: 64 at once on 10 connections.
 */
const PATIENCE_MS = 10_000

/** Left to choose, PostgreSQL plans each reading of the log anew: 1 ms more with ten partitions. */
const BY_KEY =
  '-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off -c plan_cache_mode=force_generic_plan'

/** Opens the pools; nothing connects before the first statement. */
export function openDb(url: string, { poolSize = 10, patienceMs = PATIENCE_MS } = {}): Db {
  const pools: pg.Pool[] = []
  const open = (name: string, max: number, lane: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({
      connectionString: url,
      application_name: `presage-${name}`,
      max,
      types,
      keepAlive: true,
      connectionTimeoutMillis: patienceMs,
      ...lane,
    })
    // A connection that dies ends the process where nobody listens, idle (the pool tells) or in use.
    // An idle one is replaced at the next use; of one in use the statement fails and says why.
    pool.on('error', () => {})
    pool.on('connect', (client) => client.on('error', () => {}))
    pools.push(pool)
    return pool
  }
  const pool = open('main', poolSize)
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: patienceMs, timeout: patienceMs },
  })
  return {
    prisma,
    pool,
    // Never closed for being idle: the first call after a pause would pay for connecting again.
    lane: (name) => open(name, 1, { options: BY_KEY, idleTimeoutMillis: 0 }),
    async close() {
      await prisma.$disconnect()
      await Promise.all(pools.map((p) => p.end()))
    },
  }
}
