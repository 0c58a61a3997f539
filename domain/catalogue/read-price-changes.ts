import type { PriceChange } from '@presage/prisma/generated/client/client'
import { type IdPage, idPage } from '../admin/read-accounts.js'
import type { Domain } from '../domain.js'

/** One page of what changed about the prices of a model's variants. */
export function readPriceChanges(
  { db }: Pick<Domain, 'db'>,
  model: string,
  page: IdPage,
): Promise<PriceChange[]> {
  const { id, orderBy, take } = idPage(page)
  return db.prisma.priceChange.findMany({ where: { model, id }, orderBy, take })
}
