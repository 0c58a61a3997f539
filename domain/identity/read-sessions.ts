import type { Session } from '@presage/prisma/generated/client/client'
import type { Identity } from './identity.js'

/** A session as its owner sees it; `address` is its network: of IPv6 the first 64 bits. */
export type SessionView = Pick<
  Session,
  'id' | 'userId' | 'device' | 'address' | 'createdAt' | 'lastUsedAt' | 'expiresAt'
>

/** A session's place: by its beginning, and by its id among those of the same millisecond. */
export type SessionPlace = Pick<SessionView, 'createdAt' | 'id'>

/** A slice by key: newest first unless `inverted`, strictly between `after` and `before`. */
export interface SessionPage {
  after?: SessionPlace | undefined
  before?: SessionPlace | undefined
  limit: number
  inverted: boolean
}

const columns = {
  ...{ id: true, userId: true, device: true, address: true },
  ...{ createdAt: true, lastUsedAt: true, expiresAt: true },
} as const

/** A session of this user's that is not over; null = none. */
export const readSession = (
  { db, now }: Identity,
  userId: string,
  id: string,
): Promise<SessionView | null> =>
  db.prisma.session.findUnique({
    where: { id, userId, revokedAt: null, expiresAt: { gt: now() } },
    select: columns,
  })

/** One page of a user's sessions that are not over. */
export function readSessions(
  { db, now }: Identity,
  userId: string,
  { after, before, limit, inverted }: SessionPage,
): Promise<SessionView[]> {
  const direction = inverted ? 'asc' : 'desc'
  return db.prisma.session.findMany({
    where: {
      userId,
      revokedAt: null,
      expiresAt: { gt: now() },
      AND: [after ? beyond(after, 'lt') : {}, before ? beyond(before, 'gt') : {}],
    },
    orderBy: [{ createdAt: direction }, { id: direction }],
    take: limit,
    select: columns,
  })
}

const beyond = ({ createdAt, id }: SessionPlace, side: 'lt' | 'gt') => ({
  OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }],
})
