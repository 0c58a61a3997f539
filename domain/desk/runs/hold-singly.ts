import { v7 as uuidv7 } from 'uuid'
import { DomainError, IdempotencyConflictError, UnavailableError } from '../../errors.js'
import { orderOf } from '../../predictions/order.js'
import { payAndQueue } from '../../predictions/predict.js'
import { MODEL, VARIANT } from '../credit-input.js'
import type { Desk } from '../desk.js'
import { payingViewer } from '../paying-viewer.js'
import type { Part } from './claim-part.js'
import { type PartClient, partInputs } from './part-inputs.js'

type Ground = Pick<Desk, 'domain'>

/** A client who is to pay, and the prediction that their money is for. */
interface Asked {
  clientId: string
  features: Record<string, unknown>
  predictionId: string
}

/** Calls that are under way at once: the lane of holds makes a transaction of them. */
const AT_ONCE = 250

/**
 * Has each client of a part pay for their own score. The scorings are written before, so that whoever
 * comes after a crash asks again for the same predictions, under the same keys.
 *
 * @param canceled whether nothing is to be held any more.
 * @throws UnavailableError
 */
export async function holdSingly(desk: Ground, part: Part, canceled: boolean): Promise<void> {
  const asked = canceled ? [] : await announce(desk, part, await partInputs(desk, part))
  for (let i = 0; i < asked.length; i += AT_ONCE) {
    const some = asked.slice(i, i + AT_ONCE)
    const refusals = await Promise.all(some.map((each) => hold(desk, part, each)))
    await refuse(
      desk,
      part,
      some.flatMap(({ clientId }, n) => (refusals[n] ? [{ clientId, code: refusals[n] }] : [])),
    )
  }
  await forgetUnheld(desk, part)
}

/** Those of an earlier try keep their predictions, and those whom it refused are not among them. */
async function announce({ domain }: Ground, part: Part, clients: PartClient[]): Promise<Asked[]> {
  const { rows } = await domain.db.pool.query<{ clientId: string; predictionId: string }>({
    name: 'desk_announce_part',
    text: `
      WITH fresh AS (
        INSERT INTO scorings (prediction_id, client_id, asked_by, run_id, facts_version)
        SELECT n.id, c.client_id, $3, $1, c.facts_version
        FROM unnest($4::uuid[], $5::uuid[]) AS n (client_id, id)
        JOIN desk_run_clients c ON c.run_id = $1 AND c.client_id = n.client_id
        WHERE c.refusal IS NULL AND NOT EXISTS (
          SELECT FROM scorings s WHERE s.run_id = $1 AND s.client_id = n.client_id)
        ORDER BY n.id RETURNING client_id, prediction_id)
      SELECT client_id AS "clientId", prediction_id AS "predictionId" FROM fresh
      UNION ALL
      SELECT s.client_id, s.prediction_id
      FROM desk_run_clients c JOIN scorings s ON s.run_id = c.run_id AND s.client_id = c.client_id
      WHERE c.run_id = $1 AND c.part = $2 AND c.refusal IS NULL AND s.recorded_at IS NULL`,
    values: [
      ...[part.runId, part.part, part.askedBy],
      ...[clients.map(({ clientId }) => clientId), clients.map(() => uuidv7())],
    ],
  })
  const ids = new Map(rows.map(({ clientId, predictionId }) => [clientId, predictionId]))
  return clients.flatMap(({ clientId, features }) => {
    const predictionId = ids.get(clientId)
    return features && predictionId ? [{ clientId, features, predictionId }] : []
  })
}

/** @returns the code of why it was refused; null = it is held. */
async function hold(
  { domain }: Ground,
  { runId }: Part,
  { clientId, features, predictionId: id }: Asked,
): Promise<string | null> {
  const run = { idempotencyKey: `desk-run:${runId}`, explain: true, waitMs: 0 }
  try {
    const order = orderOf(domain, { model: MODEL, variant: VARIANT, features }, id)
    await payAndQueue(domain, payingViewer(clientId), order, run)
    return null
  } catch (refusal) {
    // It was held by an earlier try, before a payment changed what is asked.
    if (refusal instanceof IdempotencyConflictError) return null
    if (!(refusal instanceof DomainError) || refusal instanceof UnavailableError) throw refusal
    return refusal.code
  }
}

async function refuse(
  { domain }: Ground,
  { runId }: Part,
  refused: { clientId: string; code: string }[],
): Promise<void> {
  if (refused.length === 0) return
  await domain.db.pool.query(
    `UPDATE desk_run_clients c SET refusal = n.code
      FROM unnest($2::uuid[], $3::text[]) AS n (client_id, code)
      WHERE c.run_id = $1 AND c.client_id = n.client_id`,
    [runId, refused.map(({ clientId }) => clientId), refused.map(({ code }) => code)],
  )
}

async function forgetUnheld({ domain }: Ground, { runId, part }: Part): Promise<void> {
  await domain.db.pool.query({
    name: 'desk_forget_unheld',
    text: `DELETE FROM scorings s USING desk_run_clients c
      WHERE c.run_id = $1 AND c.part = $2 AND s.run_id = c.run_id AND s.client_id = c.client_id
        AND s.recorded_at IS NULL
        AND NOT EXISTS (SELECT FROM predictions p WHERE p.id = s.prediction_id)`,
    values: [runId, part],
  })
}
