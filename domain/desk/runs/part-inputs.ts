import type { Desk } from '../desk.js'
import { scoreInputs } from '../score-input.js'
import type { Part } from './claim-part.js'

/** A client of a part who is to be asked about, with the features of now; null = there are none. */
export interface PartClient {
  clientId: string
  features: Record<string, unknown> | null
}

interface Row {
  clientId: string
  factsVersion: number
  refusal: string | null
}

/**
 * Derives the inputs of a part's clients, in their places, and notes of each from which facts it was
 * derived, or that there is nothing to score: before anything is held, since a hold cannot be asked.
 */
export async function partInputs(
  { domain }: Pick<Desk, 'domain'>,
  { runId, part }: Part,
): Promise<PartClient[]> {
  const { pool } = domain.db
  const { rows } = await pool.query<Row>({
    name: 'desk_part_clients',
    text: `SELECT client_id AS "clientId", facts_version AS "factsVersion", refusal
      FROM desk_run_clients WHERE run_id = $1 AND part = $2 ORDER BY place`,
    values: [runId, part],
  })
  const derived = await scoreInputs(
    domain.db,
    rows.map(({ clientId }) => clientId),
  )
  const inputs = new Map(derived.map((input) => [input.clientId, input]))
  const changed = rows.flatMap(({ clientId, factsVersion, refusal }) => {
    const input = inputs.get(clientId)
    const version = input?.factsVersion ?? factsVersion
    const lacking = input?.features ? null : 'NOTHING_TO_SCORE'
    return version === factsVersion && lacking === refusal ? [] : [{ clientId, version, lacking }]
  })
  if (changed.length > 0)
    await pool.query(
      `UPDATE desk_run_clients c SET facts_version = n.version, refusal = n.lacking
        FROM unnest($2::uuid[], $3::int[], $4::text[]) AS n (client_id, version, lacking)
        WHERE c.run_id = $1 AND c.client_id = n.client_id`,
      [
        runId,
        changed.map(({ clientId }) => clientId),
        changed.map(({ version }) => version),
        changed.map(({ lacking }) => lacking),
      ],
    )
  return rows.map(({ clientId }) => ({
    clientId,
    features: inputs.get(clientId)?.features ?? null,
  }))
}
