import { predictMany } from '../../bulks/predict-many.js'
import type { PredictionRequest } from '../../catalogue/parse-request.js'
import { IdempotencyConflictError, InvalidInputError } from '../../errors.js'
import { MODEL, VARIANT } from '../credit-input.js'
import type { Desk } from '../desk.js'
import { payingViewer } from '../paying-viewer.js'
import type { Part } from './claim-part.js'
import { partInputs } from './part-inputs.js'

/** By which the bulk of a part is found again. */
const keyOf = ({ runId, part }: Part): string => `desk-run:${runId}:${part}`

/**
 * Has one payer pay for a part as one bulk, unless that was done, and makes scorings of its items.
 *
 * @param canceled whether nothing new is to be held.
 * @throws RateLimitedError, UnavailableError
 */
export async function holdAsBulk(
  desk: Pick<Desk, 'domain'>,
  part: Part,
  payerId: string,
  canceled: boolean,
): Promise<void> {
  const bulk = { userId: payerId, idempotencyKey: keyOf(part) }
  const bound = await desk.domain.db.prisma.bulk.count({ where: bulk })
  if (bound === 0 && !canceled) await hold(desk, part, payerId)
  await makeScorings(desk, part, payerId)
}

async function hold({ domain }: Pick<Desk, 'domain'>, part: Part, payerId: string): Promise<void> {
  const items = (await partInputs({ domain }, part)).map(({ features }) => features)
  const run = { idempotencyKey: keyOf(part), explain: true, allOrNothing: false }
  await predictMany(domain, payingViewer(payerId), items, requestOf, run).catch(
    (refusal: unknown) => {
      // Held by a server that was slow to do so, before a payment changed what is asked.
      if (!(refusal instanceof IdempotencyConflictError)) throw refusal
    },
  )
}

function requestOf(features: unknown): PredictionRequest {
  if (features === null)
    throw new InvalidInputError([{ path: ['line'], message: 'There is nothing to score.' }])
  return { model: MODEL, variant: VARIANT, features: features as Record<string, unknown> }
}

/** Does nothing when nothing was held, or when it was done. */
async function makeScorings({ domain }: Pick<Desk, 'domain'>, part: Part, payerId: string) {
  await domain.db.pool.query({
    name: 'desk_part_items',
    text: `
      WITH items AS MATERIALIZED (
        SELECT i.index, i.prediction_id, i.refusal ->> 'code' AS code
        FROM bulks b JOIN bulk_items i ON i.bulk_id = b.id
        WHERE b.user_id = $3 AND b.idempotency_key = $4
      ), refused AS (
        UPDATE desk_run_clients c SET refusal = items.code FROM items
        WHERE c.run_id = $1 AND c.part = $2 AND c.place = items.index AND c.refusal IS NULL
          AND items.prediction_id IS NULL
          AND c.place = ANY (ARRAY(SELECT index FROM items WHERE prediction_id IS NULL)))
      INSERT INTO scorings (prediction_id, client_id, asked_by, run_id, facts_version)
      SELECT items.prediction_id, c.client_id, $5, $1, c.facts_version
      FROM items JOIN desk_run_clients c
        ON c.run_id = $1 AND c.part = $2 AND c.place = items.index
      WHERE items.prediction_id IS NOT NULL
      ON CONFLICT DO NOTHING`,
    values: [part.runId, part.part, payerId, keyOf(part), part.askedBy],
  })
}
