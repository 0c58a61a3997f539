import { randomUUID } from 'node:crypto'
import type { Domain } from '@presage/domain/domain'
import { createUser } from '@presage/domain/identity/create-user'
import { openSession } from '@presage/domain/identity/open-session'
import type { Viewer } from '@presage/domain/viewer'
import { type Move, moveCredits } from '@presage/domain/wallet/move-credits'
import { agreeToAll } from './agree.js'

/** What a test wants of a user; credits are 0 unless given. */
export interface UserSeed {
  email?: string
  admin?: boolean
  bonus?: number
  balance?: number
  /** Whether they agree to what models of health data on sale ask for; they do by default. */
  agrees?: boolean
}

/** A user with a session, as a test holds one. */
export interface SeededUser extends Viewer {
  accessToken: string
}

/** Writes a user, a wallet and a session without hashing a password, which takes 50 ms. */
export async function seedUser(domain: Domain, seed: UserSeed): Promise<SeededUser> {
  const { identity, db } = domain
  const tokens = await db.prisma.$transaction(async (tx) => {
    const user = await createUser(tx, {
      email: seed.email ?? `${randomUUID()}@example.com`,
      passwordHash: 'no password fits',
      isAdmin: seed.admin ?? false,
      bonus: seed.bonus ?? 0,
      at: new Date(),
    })
    return openSession(identity, tx, user, { device: 'test', address: '127.0.0.1' })
  })
  if (seed.agrees ?? true) await agreeToAll(domain, tokens.viewer.userId)
  if (seed.balance) await give(domain, tokens.viewer.userId, 'TOP_UP', seed.balance)
  return { ...tokens.viewer, accessToken: tokens.accessToken }
}

/** A session of a user who is there, as a test holds one. */
export async function signIn({ identity, db }: Domain, userId: string): Promise<SeededUser> {
  const { viewer, accessToken } = await db.prisma.$transaction(async (tx) => {
    const user = await tx.user.findUniqueOrThrow({ where: { id: userId } })
    return openSession(identity, tx, user, { device: 'test', address: '127.0.0.1' })
  })
  return { ...viewer, accessToken }
}

/** Moves credits between a wallet and the house. */
export const give = (domain: Domain, userId: string, kind: Move['kind'], amount: number) =>
  moveCredits(domain, {
    userId,
    actorId: userId,
    kind,
    amount,
    reason: 'a test',
    idempotencyKey: randomUUID(),
  })
