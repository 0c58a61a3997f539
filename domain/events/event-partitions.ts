import pg from 'pg'

/** Weeks that are there before they begin: maintenance may fail for so long and nothing is refused. */
const AHEAD_DAYS = 56

/** Held by the one server that prunes. */
const ADVISORY_LOCK = 7_240_118

/** Longer than any transaction of ours: who waits longer meets a stranger's, and tries again later. */
const LOCK_TIMEOUT_MS = 15_000

const DAY_MS = 86_400_000

/** A week of the log; `detaching` = a server left before it was fully detached. */
interface EventPartition {
  name: string
  endsAt: Date
  detaching: boolean
}

/** Makes the coming eight weeks of the log; neither waits for readers and writers nor blocks them. */
export async function createEventPartitions(pool: pg.Pool): Promise<void> {
  await pool.query(
    `SELECT create_event_partitions(clock_timestamp() + interval '${AHEAD_DAYS} days')`,
  )
}

/**
 * One turn of the log's maintenance: makes the weeks to come, and drops those whose every event is
 * older than `keptDays`, unless another server is at it.
 */
export async function keepEventPartitions(pool: pg.Pool, keptDays: number): Promise<void> {
  await createEventPartitions(pool)
  const client = await pool.connect()
  try {
    await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`)
    const { rows } = await client.query('SELECT pg_try_advisory_lock($1) AS mine', [ADVISORY_LOCK])
    if (rows[0]?.mine) await prune(client, keptDays)
  } finally {
    // The lock and the setting end with the connection.
    client.release(true)
  }
}

async function prune(client: pg.PoolClient, keptDays: number): Promise<void> {
  const { rows } = await client.query<EventPartition & { now: Date }>(
    'SELECT name, ends_at AS "endsAt", detaching, clock_timestamp() AS now FROM event_partitions()',
  )
  for (const { name, endsAt, detaching, now } of rows)
    if (endsAt.getTime() <= now.getTime() - keptDays * DAY_MS) await detach(client, name, detaching)
  await dropDetached(client)
}

/** Concurrently: a plain DETACH or DROP would lock the whole log, and all holds behind it. */
const detach = (client: pg.PoolClient, name: string, detaching: boolean) =>
  client.query(
    `ALTER TABLE events DETACH PARTITION ${pg.escapeIdentifier(name)} ${detaching ? 'FINALIZE' : 'CONCURRENTLY'}`,
  )

/** Also those of a server that left between the two: new weeks are attached as they are made. */
async function dropDetached(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ relname: string }>(
    `SELECT relname FROM pg_class
     WHERE relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = 'events'::regclass)
       AND relkind = 'r' AND NOT relispartition AND relname ~ '^events_(first|[0-9]{8})$'`,
  )
  for (const { relname } of rows)
    await client.query(`DROP TABLE IF EXISTS ${pg.escapeIdentifier(relname)}`)
}
