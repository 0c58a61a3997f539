import { InvalidInputError, NotFoundError } from '../errors.js'
import type { Identity } from './identity.js'
import { capColumns, type SpendingCap, type SpendingKey, spendingCaps } from './spending-caps.js'

/**
 * Replaces all caps of a key; none = it may spend all that its owner has. The next hold is decided by
 * them, on all servers; what was spent before counts, and what is held goes on to its end.
 *
 * @throws InvalidInputError
 * @throws NotFoundError when the user has no such key that was not revoked.
 */
export async function setSpendingCaps(
  { db }: Identity,
  userId: string,
  id: string,
  raw: readonly SpendingCap[],
): Promise<SpendingKey> {
  const parsed = spendingCaps.safeParse(raw)
  if (!parsed.success) throw new InvalidInputError(parsed.error.issues.map(issueOf))
  const { apiKey } = db.prisma
  const owned = { id, userId, revokedAt: null }
  if ((await apiKey.count({ where: owned })) === 0) throw new NotFoundError('No such API key.')
  const caps = capColumns(parsed.data)
  return apiKey.update({
    where: { id },
    data: { spending: { upsert: { create: caps, update: caps } } },
    include: { spending: true },
  })
}

const issueOf = ({ path, message }: { path: PropertyKey[]; message: string }) => ({
  path: ['caps', ...path.map(String)],
  message,
})
