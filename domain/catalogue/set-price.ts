import type { Tx } from '@presage/prisma/client'
import type { PriceChange } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { checkedReason } from '../admin/checked-reason.js'
import type { Domain } from '../domain.js'
import { InvalidInputError, NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { refreshCatalogue } from './refresh-catalogue.js'

/** What an admin has a variant cost, and why. */
export interface PriceOrder {
  model: string
  variant: string
  /** In whole credits, 0 to 1,000,000; null = the card's. Left out it is refused. */
  price: number | null | undefined
  /** 1 to 500 characters, kept for good. */
  reason: string
}

const MAX_PRICE = 1_000_000

/**
 * Has a variant cost so much from now on, whatever version runs. What is held and what a quote
 * promises stays as it is.
 *
 * @returns what was written down; null = it was so already.
 * @throws InvalidInputError without a reason or a price, NotFoundError
 */
export async function setPrice(
  domain: Domain,
  { userId: actorId }: Viewer,
  { model, variant, price, reason }: PriceOrder,
): Promise<PriceChange | null> {
  const order = { model, variant, after: checkedPrice(price), reason: checkedReason(reason) }
  if (!isInstalled(domain, order)) throw new NotFoundError('No such model or variant.')
  const change = await domain.db.prisma.$transaction((tx) => writePrice(tx, { ...order, actorId }))
  await refreshCatalogue(domain)
  if (change) domain.outbox.saleChanged(model)
  return change
}

function checkedPrice(price: number | null | undefined): number | null {
  if (price === null) return null
  if (price !== undefined && Number.isInteger(price) && price >= 0 && price <= MAX_PRICE)
    return price
  const message = `Say a price of 0 to ${MAX_PRICE} whole credits, or null for the card’s.`
  throw new InvalidInputError([{ path: ['price'], message, min: 0, max: MAX_PRICE }])
}

const isInstalled = (
  { catalogue }: Pick<Domain, 'catalogue'>,
  { model, variant }: Pick<PriceOrder, 'model' | 'variant'>,
) =>
  catalogue.installed.some(
    ({ card }) => card.name === model && card.variants.some(({ name }) => name === variant),
  )

/** Locks the model's versions, as every change of what is sold does. */
async function writePrice(
  tx: Tx,
  order: Pick<PriceChange, 'model' | 'variant' | 'after' | 'reason' | 'actorId'>,
): Promise<PriceChange | null> {
  const { model, variant, after } = order
  await tx.$queryRaw`
    SELECT version FROM model_versions WHERE model = ${model} ORDER BY version FOR UPDATE`
  const where = { model_variant: { model, variant } }
  const before = (await tx.modelPrice.findUnique({ where }))?.price ?? null
  if (before === after) return null
  if (before !== null) await tx.modelPrice.delete({ where })
  if (after !== null) await tx.modelPrice.create({ data: { model, variant, price: after } })
  return tx.priceChange.create({ data: { id: uuidv7(), before, ...order } })
}
