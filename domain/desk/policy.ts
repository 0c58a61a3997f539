import type { Tx } from '@presage/prisma/client'
import { DeskPayer, type DeskPolicy } from '@presage/prisma/generated/client/client'
import { z } from 'zod'
import { InvalidInputError } from '../errors.js'
import { checked } from './checked.js'
import type { Desk } from './desk.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'

const chance = z.number().min(0).max(1)

const rules = z
  .strictObject({
    payer: z.enum(DeskPayer),
    approveBelow: chance,
    declineFrom: chance,
    secondApprovalAbove: z.number().min(0).max(1_000_000_000),
    protectedFields: z.boolean(),
    priceNote: z.string().max(500).nullable(),
  })
  .partial()

/** What is to change of the rules. */
export type PolicyChange = z.input<typeof rules>

/** The desk's rules; `secondApprovalAbove` is in NT$. */
export interface Policy extends Omit<DeskPolicy, 'secondApprovalAbove'> {
  secondApprovalAbove: number
}

const policyOf = (row: DeskPolicy): Policy => ({
  ...row,
  secondApprovalAbove: Number(row.secondApprovalAbove),
})

/** The rules as they stand. */
export async function readPolicy({ prisma }: { prisma: Pick<Tx, 'deskPolicy'> }): Promise<Policy> {
  return policyOf(await prisma.deskPolicy.findFirstOrThrow({ orderBy: { version: 'desc' } }))
}

/** A slice by version: newest first unless `inverted`, strictly between `after` and `before`. */
export interface VersionPage {
  after?: number | undefined
  before?: number | undefined
  limit: number
  inverted: boolean
}

/**
 * One page of the rules as they stood, version by version.
 *
 * @throws DeskForbiddenError
 */
export async function listPolicies(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { after, before, limit, inverted }: VersionPage,
): Promise<Policy[]> {
  requireAdmin(me)
  const rows = await domain.db.prisma.deskPolicy.findMany({
    where: {
      version: {
        ...(after === undefined ? {} : { lt: after }),
        ...(before === undefined ? {} : { gt: before }),
      },
    },
    orderBy: { version: inverted ? 'asc' : 'desc' },
    take: limit,
  })
  return rows.map(policyOf)
}

/**
 * Writes the next version of the rules; what is left out stays.
 *
 * @throws DeskForbiddenError, InvalidInputError
 */
export async function changePolicy(
  { domain }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  change: PolicyChange,
  reason: string,
): Promise<Policy> {
  requireAdmin(me)
  if (!reason.trim()) throw new InvalidInputError([{ path: ['reason'], message: 'Say why.' }])
  const changes = checked(rules, change)
  const written = await domain.db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended('desk-policy', 0))`
    const {
      version: _,
      createdAt: __,
      ...standing
    } = await tx.deskPolicy.findFirstOrThrow({
      orderBy: { version: 'desc' },
    })
    const next = { ...standing, ...changes }
    if (next.approveBelow > next.declineFrom)
      throw new InvalidInputError([
        { path: ['approveBelow'], message: 'It is at most declineFrom.', max: next.declineFrom },
      ])
    return tx.deskPolicy.create({ data: { ...next, reason, actorId: me.userId } })
  })
  return policyOf(written)
}
