import { NotFoundError } from '../errors.js'
import { forgetSession } from './end-session.js'
import type { Identity } from './identity.js'
import { listApiKeys } from './list-api-keys.js'
import type { SpendingKey } from './spending-caps.js'

/**
 * Ends a key at once, here and, as sessions end, on the other servers. Revoking twice answers the same.
 *
 * @throws NotFoundError when the user has no such key.
 */
export async function revokeApiKey(
  identity: Identity,
  userId: string,
  id: string,
): Promise<SpendingKey> {
  const { apiKey } = identity.db.prisma
  const { count } = await apiKey.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: identity.now() },
  })
  const key = await apiKey.findFirst({ where: { id, userId }, include: { spending: true } })
  if (!key) throw new NotFoundError('No such API key.')
  forgetSession(identity, id)
  if (count > 0) identity.onSessionEnded(id)
  return key
}

/** Ends all keys of a user. */
export async function revokeAllApiKeys(identity: Identity, userId: string): Promise<void> {
  const keys = await listApiKeys(identity, userId)
  await Promise.all(keys.map(({ id }) => revokeApiKey(identity, userId, id)))
}
