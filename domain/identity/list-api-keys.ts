import type { ApiKey } from '@presage/prisma/generated/client/client'
import type { Identity } from './identity.js'

/** A user's keys that were not revoked, newest first; at most 100. */
export const listApiKeys = ({ db }: Identity, userId: string): Promise<ApiKey[]> =>
  db.prisma.apiKey.findMany({
    where: { userId, revokedAt: null },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  })
