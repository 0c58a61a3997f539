import type { Domain } from '../domain.js'
import type { Sale } from './sale-catalogue.js'

/** One statement, so that versions and prices are of one moment. */
const READ = `
  SELECT
    ARRAY (SELECT jsonb_build_object('model', model, 'version', version, 'state', state)
      FROM model_versions WHERE model = ANY ($1)) AS versions,
    ARRAY (SELECT jsonb_build_object('model', model, 'variant', variant, 'price', price)
      FROM model_prices WHERE model = ANY ($1)) AS prices`

/**
 * Reads again which versions are on sale, and at what prices.
 *
 * @returns what is on sale and not installed here, in whose place the one before is still sold.
 */
export async function refreshCatalogue({
  db,
  catalogue,
}: Pick<Domain, 'db' | 'catalogue'>): Promise<string[]> {
  const names = new Set(catalogue.installed.map(({ card }) => card.name))
  const turn = catalogue.nextTurn()
  const { rows } = await db.pool.query<Sale>(READ, [[...names]])
  const [sale] = rows
  if (!sale) throw new Error('a statement without a table has one row')
  return catalogue.hear(sale, turn)
}
