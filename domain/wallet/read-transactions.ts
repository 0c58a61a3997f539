import type { PredictionStatus, Transfer } from '@presage/prisma/generated/client/client'
import type { Domain } from '../domain.js'

/** A transfer as its owner reads it: `status` is how it ended for their credits. */
export interface WalletTransaction extends Transfer {
  status: 'PENDING' | 'SETTLED' | 'RELEASED'
}

/** A slice by key: newest first unless `inverted`, strictly between the places `after` and `before`. */
export interface TransactionPage {
  after?: bigint | undefined
  before?: bigint | undefined
  limit: number
  inverted: boolean
}

/** One page of a wallet's transfers; the primary key (user_id, seq) serves it. */
export async function readTransactions(
  domain: Domain,
  userId: string,
  page: TransactionPage,
): Promise<WalletTransaction[]> {
  const rows = await domain.db.prisma.transfer.findMany({
    where: {
      userId,
      seq: {
        ...(page.after === undefined ? {} : { lt: page.after }),
        ...(page.before === undefined ? {} : { gt: page.before }),
      },
    },
    orderBy: { seq: page.inverted ? 'asc' : 'desc' },
    take: page.limit,
    include: { prediction: { select: { status: true } } },
  })
  return rows.map(({ prediction, ...transfer }) => transactionOf(transfer, prediction?.status))
}

/** A hold is pending until its prediction has ended; every other transfer is settled at once. */
export function transactionOf(
  transfer: Transfer,
  status: PredictionStatus | undefined,
): WalletTransaction {
  if (transfer.kind !== 'HOLD') return { ...transfer, status: 'SETTLED' }
  if (status === 'QUEUED' || status === 'RUNNING') return { ...transfer, status: 'PENDING' }
  return { ...transfer, status: status === 'SUCCEEDED' ? 'SETTLED' : 'RELEASED' }
}

/** The signed change of available credits. */
export function amountOf({ debit, credit, amount }: Transfer): bigint {
  if (debit === 'AVAILABLE') return -amount
  return credit === 'AVAILABLE' ? amount : 0n
}
