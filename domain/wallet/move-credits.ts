import type { Tx } from '@presage/prisma/client'
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
import { bookTransfer } from './book-transfer.js'

/** This installation takes no payments itself; an admin grants credits. */
export class TopUpUnavailableError extends DomainError {
  readonly code = 'TOP_UP_UNAVAILABLE'
}

/** Who moves which credits why; `amount` is whole credits, signed only for an adjustment. */
export interface Move {
  actorId: string
  userId: string
  kind: 'TOP_UP' | 'BONUS' | 'WITHDRAWAL' | 'ADJUSTMENT'
  /** Whose keys these are, of two mutations of one kind. */
  mutation?: 'topUp'
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
const MAX_REASON = 500

/**
 * Moves credits between a wallet and the house, once for each idempotency key of the actor's,
 * whosever wallet it is.
 *
 * @throws InvalidInputError, NotFoundError, InsufficientFundsError, IdempotencyConflictError
 */
export async function moveCredits(domain: Domain, move: Move): Promise<MoveResult> {
  checkMove(move)
  const { prisma } = domain.db
  const known = await prisma.wallet.findUnique({ where: { userId: move.userId } })
  if (!known) throw new NotFoundError('No such user.')
  const key = `${move.mutation ?? move.kind}:${move.actorId}:${move.idempotencyKey}`
  const { transfer, replayed } = await prisma.$transaction((tx) => moveOnce(tx, move, key))
  if (!replayed)
    publishChanges(domain, [changeOf({ ...move, id: null, seq: transfer.seq, to: null })])
  const wallet = await prisma.wallet.findUniqueOrThrow({ where: { userId: move.userId } })
  return { transfer, wallet, replayed }
}

async function moveOnce(tx: Tx, move: Move, key: string) {
  // Of calls with one key the second waits here, also for another wallet. It is taken before the
  // wallet's lock, and by nobody who holds one.
  await tx.$queryRaw`SELECT 1 FROM pg_advisory_xact_lock(hashtextextended(${key}, 0))`
  const hash = requestHash([move.userId, move.kind, move.amount, move.reason ?? null])
  const bound = await tx.transfer.findFirst({ where: { idempotencyKey: key } })
  if (!bound)
    return { transfer: await bookTransfer(tx, bookingOf(move, key, hash)), replayed: false }
  if (Buffer.from(bound.requestHash ?? []).toString('hex') !== hash)
    throw new IdempotencyConflictError('This key was used for another movement.')
  return { transfer: bound, replayed: true }
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
  if (reason && reason.length > MAX_REASON)
    issues.push({
      path: ['reason'],
      message: `Send at most ${MAX_REASON} characters.`,
      max: MAX_REASON,
    })
  if (idempotencyKey.length < 1 || idempotencyKey.length > 64)
    issues.push({ path: ['idempotencyKey'], message: 'Send 1 to 64 characters.', min: 1, max: 64 })
  if (issues.length > 0) throw new InvalidInputError(issues)
}
