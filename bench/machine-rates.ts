import { setTimeout as rest } from 'node:timers/promises'
import pg from 'pg'
import { percentiles } from './percentiles.js'

/** What this machine's database does without Presage. */
export interface MachineRates {
  /** One prepared SELECT by primary key, a second. */
  statements: number
  /** The same by itself after a rest of {@link REST_MS}, p50: what waking two processes costs. */
  restedStatementMs: number
}

const ROWS = 1000

/** As long as a prediction alone takes: each of its hops wakes a processor that has gone to sleep. */
export const REST_MS = 10

/** BEGIN, UPDATE, INSERT, COMMIT, each a round trip: how many a second at `concurrency`. */
export const rawTransactions = (url: string, concurrency: number, forMs: number) =>
  withPool(url, concurrency, (pool) => rate(concurrency, forMs, () => transaction(pool)))

/** Measures {@link MachineRates}, `forMs` each, statements at `concurrency`. */
export const machineRates = (url: string, concurrency: number, forMs: number) =>
  withPool(url, concurrency, async (pool): Promise<MachineRates> => {
    const read = () => statement(pool)
    return {
      statements: await rate(concurrency, forMs, read),
      restedStatementMs: await restedMs(forMs, read),
    }
  })

/** Works with open connections and a table of its own. */
async function withPool<T>(
  url: string,
  max: number,
  work: (pool: pg.Pool) => Promise<T>,
): Promise<T> {
  const pool = new pg.Pool({ connectionString: url, max })
  try {
    await pool.query(`
      CREATE TABLE IF NOT EXISTS bench_rows (id int PRIMARY KEY, n bigint NOT NULL);
      CREATE TABLE IF NOT EXISTS bench_log (id bigserial PRIMARY KEY, row int NOT NULL);
      INSERT INTO bench_rows SELECT i, 0 FROM generate_series(1, ${ROWS}) i ON CONFLICT DO NOTHING`)
    await Promise.all(Array.from({ length: max }, () => transaction(pool)))
    return await work(pool)
  } finally {
    await pool.query('DROP TABLE IF EXISTS bench_rows, bench_log')
    await pool.end()
  }
}

/** How often `operation` completes in a second with `concurrency` of it in flight. */
export async function rate(
  concurrency: number,
  forMs: number,
  operation: () => Promise<unknown>,
): Promise<number> {
  let done = 0
  const startedAt = performance.now()
  const endAt = startedAt + forMs
  const loop = async () => {
    while (performance.now() < endAt) {
      await operation()
      done += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, loop))
  return (done / (performance.now() - startedAt)) * 1000
}

async function restedMs(forMs: number, operation: () => Promise<unknown>): Promise<number> {
  const timesMs: number[] = []
  for (const endAt = performance.now() + forMs; performance.now() < endAt; ) {
    await rest(REST_MS)
    const startedAt = performance.now()
    await operation()
    timesMs.push(performance.now() - startedAt)
  }
  return percentiles(timesMs).p50
}

const anyRow = () => 1 + Math.floor(Math.random() * ROWS)

async function transaction(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  const row = anyRow()
  try {
    await client.query('BEGIN')
    await client.query({
      name: 'bench_update',
      text: 'UPDATE bench_rows SET n = n + 1 WHERE id = $1',
      values: [row],
    })
    await client.query({
      name: 'bench_insert',
      text: 'INSERT INTO bench_log (row) VALUES ($1)',
      values: [row],
    })
    await client.query('COMMIT')
  } finally {
    client.release()
  }
}

const statement = (pool: pg.Pool) =>
  pool.query({
    name: 'bench_select',
    text: 'SELECT n FROM bench_rows WHERE id = $1',
    values: [anyRow()],
  })
