import type { Viewer } from '../viewer.js'
import type { DeskClient } from './client.js'
import type { Desk } from './desk.js'
import { deskViewer } from './desk-viewer.js'
import { findClient } from './find-clients.js'
import { paced } from './paced.js'

/**
 * A client now and as their record, payments and scores change.
 *
 * @throws NotFoundError when they are not the caller's, or not any more.
 */
export const watchClient = (
  desk: Pick<Desk, 'domain'>,
  viewer: Viewer,
  id: string,
): AsyncIterableIterator<DeskClient> =>
  paced(desk.domain, id, async () => findClient(desk, await deskViewer(desk, viewer), id))
