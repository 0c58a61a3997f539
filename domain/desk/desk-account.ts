import type { Db } from '@presage/prisma/client'
import { v7 as uuidv7 } from 'uuid'
import { NOBODYS_HASH } from '../identity/password-hash.js'
import { openWallet } from '../wallet/open-wallet.js'

/** What stands where an e-mail would: nobody can register or enter with it. */
const NAME = 'credit-desk'

/**
 * The user whose wallet is the desk's, which is opened, empty, where there is none. Safe from several
 * servers at once.
 */
export async function deskAccount({ prisma }: Pick<Db, 'prisma'>): Promise<string> {
  const known = await prisma.deskAccount.findFirst()
  if (known) return known.userId
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${NAME}, 0))`
    const opened = await tx.deskAccount.findFirst()
    if (opened) return opened.userId
    const id = uuidv7()
    await tx.user.create({
      data: { id, email: NAME, emailKey: NAME, passwordHash: NOBODYS_HASH },
    })
    await openWallet(tx, id, 0)
    await tx.deskAccount.create({ data: { userId: id } })
    return id
  })
}
