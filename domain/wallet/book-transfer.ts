import type { Tx } from '@presage/prisma/client'
import type { Account, Transfer, TransferKind } from '@presage/prisma/generated/client/client'
import { DomainError } from '../errors.js'

/** The wallet cannot pay; `required` and `available` are whole credits. */
export class InsufficientFundsError extends DomainError {
  readonly code = 'INSUFFICIENT_FUNDS'

  constructor(
    readonly required: bigint,
    readonly available: bigint,
  ) {
    super(`This needs ${required} credits, and ${available} are available.`)
  }
}

/** A movement between a wallet and the house; `amount` is positive. */
export interface Booking {
  userId: string
  kind: Exclude<TransferKind, 'HOLD' | 'CAPTURE' | 'RELEASE'>
  debit: Account
  credit: Account
  amount: bigint
  reason?: string | undefined
  actorId?: string | undefined
  idempotencyKey?: string | undefined
  requestHash?: Uint8Array<ArrayBuffer> | undefined
}

/**
 * Books one movement in the caller's transaction, whose wallet is locked by the first statement.
 * Bonuses are paid into bonus; everything else moves balance.
 *
 * @throws InsufficientFundsError when the balance does not cover what leaves.
 */
export async function bookTransfer(tx: Tx, booking: Booking): Promise<Transfer> {
  const { userId, amount } = booking
  const { balance, at: createdAt } = await lockWallet(tx, userId)
  const leaves = booking.debit === 'AVAILABLE'
  if (leaves && balance < amount) throw new InsufficientFundsError(amount, balance)
  const bonusAmount = booking.debit === 'PROMOTIONS' ? amount : 0n
  const wallet = await tx.wallet.update({
    where: { userId },
    data: {
      balance: { increment: leaves ? -amount : amount - bonusAmount },
      bonus: { increment: bonusAmount },
      seq: { increment: 1n },
    },
  })
  await tx.event.create({ data: { userId, seq: wallet.seq, occurredAt: createdAt } })
  return tx.transfer.create({
    data: {
      ...booking,
      seq: wallet.seq,
      bonusAmount,
      availableAfter: wallet.balance + wallet.bonus,
      createdAt,
    },
  })
}

/**
 * Locks a wallet as every transaction that touches money does, before it reads anything.
 *
 * @returns the balance, and the database's time once the lock was there: by any other clock, or
 * before the wait, a log's times would not be in its order.
 */
export async function lockWallet(tx: Tx, userId: string): Promise<{ balance: bigint; at: Date }> {
  const [wallet] = await tx.$queryRaw<{ balance: bigint; at: Date }[]>`
    WITH locked AS MATERIALIZED (
      SELECT balance FROM wallets WHERE user_id = ${userId}::uuid FOR NO KEY UPDATE
    )
    SELECT balance, clock_timestamp()::timestamptz(3) AS at FROM locked`
  if (!wallet) throw new Error(`user ${userId} has no wallet`)
  return wallet
}
