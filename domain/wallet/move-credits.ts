import type { Account, Transfer, Wallet } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'
import {
  DomainError,
  IdempotencyConflictError,
  InvalidInputError,
  NotFoundError,
} from '../errors.js'
import { changeOf, publishChanges } from '../events/publish-changes.js'
import { requestHash } from '../predictions/request-hash.js'
import { bookTransfer, lockWallet } from './book-transfer.js'

/** This installation takes no payments itself; an admin grants credits. */
export class TopUpUnavailableError extends DomainError {
  readonly code = 'TOP_UP_UNAVAILABLE'
}

/** Who moves which credits why; `amount` is whole credits, signed only for an adjustment. */
export interface Move {
  actorId: string
  userId: string
  kind: 'TOP_UP' | 'BONUS' | 'WITHDRAWAL' | 'ADJUSTMENT'
  amount: number
  reason?: string | null | undefined
  idempotencyKey: string
}

export interface MoveResult {
  transfer: Transfer
  wallet: Wallet
  replayed: boolean
}

const sides: Record<Move['kind'], [debit: Account, credit: Account]> = {
  TOP_UP: ['TOP_UPS', 'AVAILABLE'],
  BONUS: ['PROMOTIONS', 'AVAILABLE'],
  WITHDRAWAL: ['AVAILABLE', 'WITHDRAWALS'],
  ADJUSTMENT: ['ADJUSTMENTS', 'AVAILABLE'],
}

/** A single movement is bounded, so that a slip of the keyboard cannot near 2^53. */
const MAX_AMOUNT = 1_000_000_000

/**
 * Moves credits between a wallet and the house, once for each idempotency key.
 *
 * @throws InvalidInputError, NotFoundError, InsufficientFundsError, IdempotencyConflictError
 */
export async function moveCredits(domain: Domain, move: Move): Promise<MoveResult> {
  checkMove(move)
  const { prisma } = domain.db
  const known = await prisma.wallet.findUnique({ where: { userId: move.userId } })
  if (!known) throw new NotFoundError('No such user.')
  const key = `${move.kind}:${move.actorId}:${move.idempotencyKey}`
  const hash = requestHash([move.userId, move.kind, move.amount, move.reason ?? null])
  const { transfer, replayed } = await prisma.$transaction(async (tx) => {
    await lockWallet(tx, move.userId)
    const earlier = await tx.transfer.findFirst({
      where: { userId: move.userId, idempotencyKey: key },
    })
    if (!earlier)
      return { transfer: await bookTransfer(tx, bookingOf(move, key, hash)), replayed: false }
    if (Buffer.from(earlier.requestHash ?? []).toString('hex') !== hash)
      throw new IdempotencyConflictError('This key was used for another movement.')
    return { transfer: earlier, replayed: true }
  })
  if (!replayed)
    publishChanges(domain, [changeOf({ ...move, id: null, seq: transfer.seq, to: null })])
  const wallet = await prisma.wallet.findUniqueOrThrow({ where: { userId: move.userId } })
  return { transfer, wallet, replayed }
}

function bookingOf(move: Move, idempotencyKey: string, hash: string) {
  const [debit, credit] = sides[move.kind]
  const back = move.amount < 0
  return {
    userId: move.userId,
    kind: move.kind,
    debit: back ? credit : debit,
    credit: back ? debit : credit,
    amount: BigInt(Math.abs(move.amount)),
    reason: move.reason ?? undefined,
    actorId: move.actorId,
    idempotencyKey,
    requestHash: new Uint8Array(Buffer.from(hash, 'hex')),
  }
}

function checkMove({ kind, amount, reason, idempotencyKey }: Move): void {
  const signed = kind === 'ADJUSTMENT'
  const issues = []
  if (
    !Number.isSafeInteger(amount) ||
    amount === 0 ||
    Math.abs(amount) > MAX_AMOUNT ||
    (amount < 0 && !signed)
  )
    issues.push({
      path: ['amount'],
      message: `Send whole credits, ${signed ? 'not 0, up' : 'from 1'} to ${MAX_AMOUNT.toLocaleString('en')}.`,
      unit: 'credits',
      min: signed ? -MAX_AMOUNT : 1,
      max: MAX_AMOUNT,
    })
  if ((signed || kind === 'WITHDRAWAL') && !reason?.trim())
    issues.push({ path: ['reason'], message: 'Say why: this goes into the ledger.' })
  if (idempotencyKey.length < 1 || idempotencyKey.length > 64)
    issues.push({ path: ['idempotencyKey'], message: 'Send 1 to 64 characters.', min: 1, max: 64 })
  if (issues.length > 0) throw new InvalidInputError(issues)
}
