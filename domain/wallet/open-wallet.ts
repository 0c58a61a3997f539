import type { Tx } from '@presage/prisma/client'
import { bookTransfer } from './book-transfer.js'

/** Opens a user's wallet inside the registration's transaction, with the sign-up bonus in credits. */
export async function openWallet(tx: Tx, userId: string, bonus: number): Promise<void> {
  await tx.wallet.create({ data: { userId } })
  if (bonus > 0)
    await bookTransfer(tx, {
      userId,
      kind: 'SIGN_UP_BONUS',
      debit: 'PROMOTIONS',
      credit: 'AVAILABLE',
      amount: BigInt(bonus),
    })
}
