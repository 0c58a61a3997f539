import { RateLimitedError, UnavailableError } from '../../errors.js'
import type { Desk } from '../desk.js'
import { deskChanged } from '../desk-changed.js'
import { endCanceled } from './cancel-run.js'
import { type Part, putOff } from './claim-part.js'
import { holdAsBulk } from './hold-as-bulk.js'
import { holdSingly } from './hold-singly.js'

type Ground = Pick<Desk, 'domain' | 'recorder'>

/** When a lane is full, or the database is away. */
const RETRY_MS = 1000

/**
 * Pays for a part's clients and makes scorings of them. Any step may be the last one of a server that
 * is killed: the part is due again then, and each step is found done or is done anew under its own key.
 */
export async function holdPart(desk: Ground, part: Part): Promise<void> {
  const { pool } = desk.domain.db
  try {
    const canceled = await isCanceled(desk, part)
    if (part.payerId === null) await holdSingly(desk, part, canceled)
    else await holdAsBulk(desk, part, part.payerId, canceled)
  } catch (error) {
    if (!(error instanceof RateLimitedError || error instanceof UnavailableError)) throw error
    await putOff(pool, part, error instanceof RateLimitedError ? error.retryAfterMs : RETRY_MS)
    return
  }
  const open = await scoringsOf(desk, part)
  for (const id of open) desk.recorder.expect(id)
  // Whoever cancels reads the scorings after that, and whoever was before is seen here.
  if (await isCanceled(desk, part)) await endCanceled(desk, part.runId)
  await finish(desk, part)
  deskChanged(desk, [part.runId])
  // Some have ended before they were expected. The next part does not wait for that.
  void desk.recorder.record().catch(() => {})
}

async function isCanceled({ domain }: Ground, { runId }: Part): Promise<boolean> {
  const run = await domain.db.prisma.deskRun.findUniqueOrThrow({ where: { id: runId } })
  return run.cancelAt !== null
}

async function scoringsOf({ domain }: Ground, { runId, part }: Part): Promise<string[]> {
  const { rows } = await domain.db.pool.query<{ id: string }>({
    name: 'desk_part_scorings',
    text: `SELECT s.prediction_id AS id
      FROM desk_run_clients c JOIN scorings s ON s.run_id = c.run_id AND s.client_id = c.client_id
      WHERE c.run_id = $1 AND c.part = $2 AND s.recorded_at IS NULL`,
    values: [runId, part],
  })
  return rows.map(({ id }) => id)
}

/** Who has no scoring by now was canceled before anything was held. */
async function finish({ domain }: Ground, { runId, part }: Part): Promise<void> {
  await domain.db.pool.query({
    name: 'desk_file_part',
    text: `WITH filed AS (
        UPDATE desk_run_parts SET filed_at = clock_timestamp()
        WHERE run_id = $1 AND part = $2 AND filed_at IS NULL RETURNING run_id)
      UPDATE desk_run_clients c SET refusal = 'CANCELED' FROM filed
      WHERE c.run_id = $1 AND c.part = $2 AND c.refusal IS NULL
        AND NOT EXISTS (
          SELECT FROM scorings s WHERE s.run_id = c.run_id AND s.client_id = c.client_id)`,
    values: [runId, part],
  })
}
