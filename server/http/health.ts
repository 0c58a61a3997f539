import type { Db } from '@presage/prisma/client'
import type { Jobs } from '../jobs/jobs.js'

const ASK_WITHIN_MS = 2000

/** Whether each of what this server stands on is as it should be. */
export interface Readiness {
  ready: boolean
  database: boolean
  jobs: boolean
}

/**
 * Whether this server can do all of its work: the database answers and has been migrated, and NATS
 * takes jobs of every model.
 */
export async function readiness(db: Db, jobs: Pick<Jobs, 'ready'>): Promise<Readiness> {
  const database = await Promise.race([databaseAnswers(db), after(ASK_WITHIN_MS, false)])
  return { ready: database && jobs.ready, database, jobs: jobs.ready }
}

/** The table is the newest migration's proof: none of ours is without it. */
const databaseAnswers = (db: Db): Promise<boolean> =>
  db.pool.query('SELECT 1 FROM predictions LIMIT 0').then(
    () => true,
    () => false,
  )

const after = <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms).unref())
