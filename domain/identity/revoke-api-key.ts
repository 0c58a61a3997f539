import type { ApiKey } from '@presage/prisma/generated/client/client'
import { NotFoundError } from '../errors.js'
import { forgetSession } from './end-session.js'
import type { Identity } from './identity.js'

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
