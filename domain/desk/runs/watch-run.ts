import type { Viewer } from '../../viewer.js'
import type { Desk } from '../desk.js'
import { deskViewer } from '../desk-viewer.js'
import { paced } from '../paced.js'
import { readRun } from './read-run.js'
import { type DeskRun, openOf } from './run.js'

/**
 * A run now, then as it goes on, until nothing of it is open.
 *
 * @throws NotFoundError when it is not the caller's, or not any more.
 */
export const watchRun = (
  desk: Pick<Desk, 'domain'>,
  viewer: Viewer,
  id: string,
): AsyncIterableIterator<DeskRun> =>
  paced(
    desk.domain,
    id,
    async () => readRun(desk, await deskViewer(desk, viewer), id),
    (run) => openOf(run) === 0,
  )
