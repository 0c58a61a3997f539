import type { Desk } from '../desk.js'
import { deskChanged } from '../desk-changed.js'
import type { DeskViewer } from '../desk-viewer.js'
import { readRun } from './read-run.js'
import type { DeskRun } from './run.js'

type Ground = Pick<Desk, 'domain' | 'recorder'>

/** Between two such parts the results of workers find their turn in the lane. */
const PART = 256

/**
 * Ends what of a run has not ended, gives back what it held, and holds nothing more; scores that were
 * recorded stay. Cancelling twice answers the same.
 *
 * @throws NotFoundError
 */
export async function cancelRun(desk: Desk, me: DeskViewer, id: string): Promise<DeskRun> {
  await readRun(desk, me, id)
  const { pool } = desk.domain.db
  await pool.query(
    'UPDATE desk_runs SET cancel_at = clock_timestamp() WHERE id = $1 AND cancel_at IS NULL',
    [id],
  )
  await endCanceled(desk, id)
  // Parts that nothing is held for are ended there, those that are in hand or put off once they are due.
  desk.runner.wake()
  await desk.recorder.record()
  deskChanged(desk, [id])
  return readRun(desk, me, id)
}

/** Closes the open predictions of a run. */
export async function endCanceled({ domain }: Ground, runId: string): Promise<void> {
  const { rows: open } = await domain.db.pool.query<{
    id: string
    model: string
    version: string
  }>({
    name: 'desk_open_of_run',
    text: `SELECT p.id, p.model, p.version
      FROM scorings s JOIN predictions p ON p.id = s.prediction_id
      WHERE s.run_id = $1 AND s.recorded_at IS NULL AND p.status IN ('QUEUED', 'RUNNING')
      ORDER BY p.id DESC`,
    values: [runId],
  })
  for (let i = 0; i < open.length; i += PART) {
    const some = open.slice(i, i + PART)
    const closed = await Promise.all(
      some.map(({ id }) => domain.closings.submit({ id, status: 'CANCELED' })),
    )
    domain.outbox.withdraw(some.filter((_, n) => closed[n]))
  }
}
