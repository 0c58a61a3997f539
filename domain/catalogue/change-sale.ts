import type { Tx } from '@presage/prisma/client'
import type {
  ModelAction,
  ModelChange,
  ModelVersion,
} from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { checkedReason } from '../admin/checked-reason.js'
import type { Domain } from '../domain.js'
import { DomainError, NotFoundError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { moveVersion } from './move-version.js'
import { refreshCatalogue } from './refresh-catalogue.js'

/** What an admin decides about a model, and why. */
export interface SaleOrder {
  model: string
  /** 1 to 500 characters, kept for good. */
  reason: string
}

/** The version is known, and its folder is not there any more. */
export class VersionNotInstalledError extends DomainError {
  readonly code = 'VERSION_NOT_INSTALLED'
}

/** The version on sale is the first that ever was. */
export class NothingToRollBackError extends DomainError {
  readonly code = 'NOTHING_TO_ROLL_BACK'
}

/**
 * Puts a version on sale, and retires the one that was. Open predictions finish on theirs.
 *
 * @returns what was written down; null = it was on sale already.
 * @throws InvalidInputError without a reason, NotFoundError, VersionNotInstalledError
 */
export const promoteModel = (
  domain: Domain,
  viewer: Viewer,
  { version, ...order }: SaleOrder & { version: string },
): Promise<ModelChange | null> =>
  changeSale(domain, viewer, order, 'PROMOTED', async (_tx, versions) => {
    if (versions.some((each) => each.version === version)) return version
    throw new NotFoundError('No such version.')
  })

/**
 * Takes the last promotion back that still stands: repeated, it goes on to the one before.
 *
 * @throws InvalidInputError without a reason, NotFoundError, VersionNotInstalledError
 * @throws NothingToRollBackError when no promotion is left.
 */
export const rollBackModel = (
  domain: Domain,
  viewer: Viewer,
  order: SaleOrder,
): Promise<ModelChange | null> =>
  changeSale(domain, viewer, order, 'ROLLED_BACK', async (tx) => {
    const changes = await tx.modelChange.findMany({
      where: { model: order.model, action: { not: 'ENTERED' } },
      orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
    })
    const before = standing(changes).at(-1)
    if (before?.replaced) return before.replaced
    throw new NothingToRollBackError('No other version has been on sale before this one.')
  })

/** The promotions that were not taken back, in order. */
function standing(changes: readonly ModelChange[]): ModelChange[] {
  const left: ModelChange[] = []
  for (const change of changes)
    if (change.action === 'PROMOTED') left.push(change)
    else left.pop()
  return left
}

/** Locks the model's versions, so that one such change comes after another. */
async function changeSale(
  domain: Domain,
  { userId: actorId }: Viewer,
  { model, reason: raw }: SaleOrder,
  action: Exclude<ModelAction, 'ENTERED'>,
  choose: (tx: Tx, versions: readonly ModelVersion[]) => Promise<string>,
): Promise<ModelChange | null> {
  const reason = checkedReason(raw)
  const change = await domain.db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`
      SELECT version FROM model_versions WHERE model = ${model} ORDER BY version FOR UPDATE`
    const versions = await tx.modelVersion.findMany({ where: { model } })
    const sold = versions.find(({ state }) => state === 'ON_SALE')
    if (!sold) throw new NotFoundError('No such model.')
    const version = await choose(tx, versions)
    if (version === sold.version) return null
    if (!domain.catalogue.version(model, version))
      throw new VersionNotInstalledError(`${model} ${version} is not installed.`)
    await moveVersion(tx, sold, 'RETIRED')
    await moveVersion(tx, { model, version }, 'ON_SALE')
    const order = { model, version, action, replaced: sold.version, reason, actorId }
    return tx.modelChange.create({ data: { id: uuidv7(), ...order } })
  })
  await refreshCatalogue(domain)
  if (change) domain.outbox.saleChanged(model)
  return change
}
