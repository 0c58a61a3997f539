import type { Db } from '@presage/prisma/client'
import { isMigrated } from '@presage/prisma/migrate'
import type { Jobs } from '../jobs/jobs.js'

const ASK_WITHIN_MS = 2000

/** Whether each of what this server stands on is as it should be. */
export interface Readiness {
  ready: boolean
  /** PostgreSQL answers. */
  database: boolean
  /** It has every migration that this server was built with. */
  migrations: boolean
  /** NATS is connected. */
  broker: boolean
  /** NATS takes jobs of every installed model. */
  jobs: boolean
  /** As many workers are at work as this installation wants to see. */
  workers: boolean
  workersSeen: number
  /** The server leaves: it answers what it has, and wants nothing more. */
  draining: boolean
}

export interface ReadinessParts {
  db: Db
  jobs: Pick<Jobs, 'ready' | 'broker' | 'workers'>
  /**
   * Workers without which a server is not ready. 0 by default: predictions queue until a worker
   * comes, and servers that all leave the balancer for want of workers would take the API along.
   */
  minWorkers: number
  isDraining: () => boolean
}

/** Whether this server can do all of its work, check by check. */
export async function readiness({
  db,
  jobs,
  minWorkers,
  isDraining,
}: ReadinessParts): Promise<Readiness> {
  const [database, migrations] = await Promise.all([
    inTime(db.pool.query('SELECT 1').then(() => true)),
    inTime(isMigrated(db.pool)),
  ])
  const workersSeen = jobs.workers.alive()
  const broker = jobs.broker.connection !== null
  const workers = workersSeen >= minWorkers
  const checks = { database, migrations, broker, jobs: jobs.ready, workers }
  const draining = isDraining()
  const ready = !draining && Object.values(checks).every((isGood) => isGood)
  return { ready, ...checks, workersSeen, draining }
}

/** A check that fails or takes too long is not passed. */
const inTime = (check: Promise<boolean>): Promise<boolean> =>
  Promise.race([check.catch(() => false), after(ASK_WITHIN_MS, false)])

const after = <T>(ms: number, value: T): Promise<T> =>
  new Promise((resolve) => setTimeout(() => resolve(value), ms).unref())
