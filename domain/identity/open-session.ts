import { randomUUID } from 'node:crypto'
import type { Tx } from '@presage/prisma/client'
import type { User } from '@presage/prisma/generated/client/client'
import type { Origin } from './credentials.js'
import type { Identity } from './identity.js'
import { networkOf } from './network-of.js'
import { firstRefreshToken, refreshHash } from './refresh-token.js'
import { type SessionTokens, sessionTokens } from './session-tokens.js'

const LIFETIME_MS = 30 * 24 * 60 * 60_000
const MAX_DEVICE = 200

/** Begins a session of 30 days. Its id is random: whoever can name it holds one of its tokens. */
export async function openSession(
  identity: Identity,
  tx: Tx,
  user: Pick<User, 'id' | 'email' | 'isAdmin'>,
  origin: Origin,
): Promise<SessionTokens> {
  const refresh = firstRefreshToken(randomUUID())
  const createdAt = identity.now()
  const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS)
  await tx.session.create({
    data: {
      id: refresh.sessionId,
      userId: user.id,
      currentHash: refreshHash(refresh),
      createdAt,
      lastUsedAt: createdAt,
      expiresAt,
      device: origin.device.slice(0, MAX_DEVICE),
      address: networkOf(origin.address),
    },
  })
  const { id: userId, email, isAdmin } = user
  const viewer = { userId, sessionId: refresh.sessionId, email, isAdmin }
  return sessionTokens(identity, { viewer, refresh, expiresAt })
}
