import { validate } from 'uuid'
import type { Domain } from '../domain.js'
import { firstIdAt } from '../predictions/first-id-at.js'

/** An upload’s file is there before its row is. */
const NEW_MS = 3_600_000
/** Names that one statement asks about. */
const PAGE = 1000

/**
 * Removes the files that nothing in the database speaks of: of an upload that was cut off, of a
 * prediction that was canceled while it was computed, of an account that was deleted meanwhile.
 *
 * @returns how many went.
 */
export async function removeOrphans({ db, files, identity }: Domain): Promise<number> {
  const newest = firstIdAt(identity.now().getTime() - NEW_MS)
  const names = (await files.names()).filter((name) => validate(name) && name < newest)
  let removed = 0
  for (let from = 0; from < names.length; from += PAGE) {
    const page = names.slice(from, from + PAGE)
    const { rows } = await db.pool.query<{ name: string }>(orphans, [page])
    for (const { name } of rows) await files.remove(name)
    removed += rows.length
  }
  return removed
}

const orphans = `
  SELECT f.name FROM unnest($1::uuid[]) AS f(name)
  WHERE NOT EXISTS (SELECT FROM uploads u WHERE u.id = f.name)
    AND NOT EXISTS (
      SELECT FROM predictions p WHERE p.id = f.name
        AND (p.status IN ('QUEUED', 'RUNNING') OR p.status = 'SUCCEEDED' AND p.output IS NOT NULL))`
