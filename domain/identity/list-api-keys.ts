import type { Identity } from './identity.js'
import type { SpendingKey } from './spending-caps.js'

/** A user's keys that were not revoked, newest first; at most 100. */
export const listApiKeys = ({ db }: Identity, userId: string): Promise<SpendingKey[]> =>
  db.prisma.apiKey.findMany({
    where: { userId, revokedAt: null },
    include: { spending: true },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
  })
