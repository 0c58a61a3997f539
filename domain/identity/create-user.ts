import type { Tx } from '@presage/prisma/client'
import { Prisma, type User } from '@presage/prisma/generated/client/client'
import { v7 as uuidv7 } from 'uuid'
import { openWallet } from '../wallet/open-wallet.js'
import { emailKey } from './credentials.js'
import { EmailTakenError } from './errors.js'

/**
 * A user with a wallet and the sign-up bonus in it, all in the caller's transaction.
 *
 * @throws EmailTakenError, after which that transaction cannot go on.
 */
export async function createUser(
  tx: Tx,
  user: { email: string; passwordHash: string; isAdmin: boolean; bonus: number; at: Date },
): Promise<User> {
  const { email, passwordHash, isAdmin, bonus, at } = user
  try {
    const created = await tx.user.create({
      data: {
        id: uuidv7(),
        email,
        emailKey: emailKey(email),
        passwordHash,
        isAdmin,
        createdAt: at,
      },
    })
    await openWallet(tx, created.id, bonus)
    return created
  } catch (error) {
    throw isTakenEmail(error) ? new EmailTakenError() : error
  }
}

const isTakenEmail = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError &&
  error.code === 'P2002' &&
  error.meta?.modelName === 'User'
