import type { DeskClient } from './client.js'
import { type Line, type LineMonth, readLines, readMonths } from './credit-line.js'
import type { Desk } from './desk.js'
import type { DeskViewer } from './desk-viewer.js'
import { findClient } from './find-clients.js'
import { type DeskScore, readScores } from './score.js'

/** All of a client on one card; months and scores newest first. */
export interface ClientCard {
  client: DeskClient
  line: Line | null
  months: LineMonth[]
  scores: DeskScore[]
}

const MONTHS_SHOWN = 24
const SCORES_SHOWN = 20

/**
 * A client's card, in four statements.
 *
 * @throws NotFoundError, also when it is another's.
 */
export async function readClient(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
): Promise<ClientCard> {
  const { db } = desk.domain
  const client = await findClient(desk, me, clientId)
  const [[line], scores] = await Promise.all([
    readLines(db, [clientId]),
    readScores(db, [clientId], { limit: SCORES_SHOWN }),
  ])
  const months = line ? await readMonths(db, [line.id], MONTHS_SHOWN) : []
  return { client, line: line ?? null, months, scores }
}
