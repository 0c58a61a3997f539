import type pg from 'pg'

/** In a FROM clause: this statement's commit does not wait for the disk. */
export const UNFLUSHED = `set_config('synchronous_commit', 'off', true)`

const statement = {
  name: 'flush_commits',
  // Not only where the log is behind: a synchronous replica may be when this disk is not.
  text: `SELECT pg_logical_emit_message(true, 'presage', '')`,
}

/** A connection, and not a pool: another session may be one of a database that was restarted meanwhile. */
export type Session = Pick<pg.ClientBase, 'query'>

/**
 * Resolves once every commit that this session has made or seen is as safe as the database's own
 * `synchronous_commit` has it: the log is flushed in order, so the commit of an empty message takes
 * those before it along (PostgreSQL documentation, "Asynchronous Commit").
 *
 * @throws Error without a code, whatever the reason: what was committed is in doubt then.
 */
export async function flushCommits(session: Session): Promise<void> {
  try {
    await session.query(statement)
  } catch (cause) {
    throw new Error('It is not known whether all commits are flushed.', { cause })
  }
}

/** Does work on one connection of the pool, which is given up when the work fails. */
export async function onOneSession<T>(
  pool: pg.Pool,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const client = await pool.connect()
  try {
    const done = await work(client)
    client.release()
    return done
  } catch (error) {
    client.release(true)
    throw error
  }
}
