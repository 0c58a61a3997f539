import type { ApiKey } from '@presage/prisma/generated/client/client'
import { NotFoundError } from '../errors.js'
import { forgetSession } from './end-session.js'
import type { Identity } from './identity.js'
import { listApiKeys } from './list-api-keys.js'

/**
 * Ends a key at once, here and, as sessions end, on the other servers. Revoking twice answers the same.
 *
 * @throws NotFoundError when the user has no such key.
 */
export async function revokeApiKey(
  identity: Identity,
  userId: string,
  id: string,
): Promise<ApiKey> {
  const { apiKey } = identity.db.prisma
  const { count } = await apiKey.updateMany({
    where: { id, userId, revokedAt: null },
    data: { revokedAt: identity.now() },
  })
  const key = await apiKey.findFirst({ where: { id, userId } })
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
