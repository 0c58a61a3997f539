import type { Domain } from '../domain.js'
import type { StandingVersion } from './sale-catalogue.js'

/**
 * Reads again which versions are on sale.
 *
 * @returns what is on sale and not installed here, in whose place the one before is still sold.
 */
export async function refreshCatalogue({
  db,
  catalogue,
}: Pick<Domain, 'db' | 'catalogue'>): Promise<string[]> {
  const names = new Set(catalogue.installed.map(({ card }) => card.name))
  const turn = catalogue.nextTurn()
  const { rows } = await db.pool.query<StandingVersion>(
    'SELECT model, version, state FROM model_versions WHERE model = ANY ($1)',
    [[...names]],
  )
  return catalogue.hear(rows, turn)
}
