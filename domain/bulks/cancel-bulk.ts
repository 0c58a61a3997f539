import type { Wallet } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import { NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import type { Bulk } from './bulk.js'
import { readBulk } from './read-bulk.js'

interface OpenItem {
  id: string
  model: string
  version: string
}

/** Between two such parts the results of workers find their turn in the lane. */
const PART = 256

/**
 * Ends all of a bulk's items that have not ended, gives back what they held, and takes their jobs
 * back from the queue. Cancelling twice answers the same; what had ended stays as it is.
 *
 * @throws NotFoundError
 */
export async function cancelBulk(
  domain: Domain,
  viewer: Viewer,
  id: string,
): Promise<{ bulk: Bulk; wallet: Wallet }> {
  await readBulk(domain, viewer, id)
  const open = await openItems(domain, id)
  for (let i = 0; i < open.length; i += PART) await end(domain, open.slice(i, i + PART))
  const bulk = await readBulk(domain, viewer, id)
  const wallet = await domain.reads.wallets.submit(viewer.userId)
  if (!wallet) throw new NotFoundError('No such wallet.')
  return { bulk, wallet }
}

async function openItems({ db }: Domain, bulkId: string): Promise<OpenItem[]> {
  const { rows } = await db.pool.query<OpenItem>({
    name: 'open_bulk_items',
    text: `
      SELECT p.id, p.model, p.version FROM bulk_items i JOIN predictions p ON p.id = i.prediction_id
      WHERE i.bulk_id = $1 AND p.status IN ('QUEUED', 'RUNNING') ORDER BY i.index DESC`,
    values: [bulkId],
  })
  return rows
}

async function end({ closings, outbox }: Domain, items: OpenItem[]): Promise<void> {
  const closed = await Promise.all(
    items.map(({ id }) => closings.submit({ id, status: 'CANCELED' })),
  )
  outbox.withdraw(items.filter((_, i) => closed[i]))
}
