import {
  amountOf,
  transactionOf,
  type WalletTransaction,
} from '@presage/domain/wallet/read-transactions'
import { TransferKind } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { uuidOrNone } from '../node-id.js'
import { Prediction } from '../predictions/prediction.js'

const Kind = builder.enumType(TransferKind, { name: 'WalletTransactionKind' })

const Status = builder.enumType('WalletTransactionStatus', {
  description: 'PENDING: a hold whose prediction has not ended.',
  values: ['PENDING', 'SETTLED', 'RELEASED'] as const,
})

/** One movement of a wallet's credits. */
export const WalletTransactionRef = builder.objectRef<WalletTransaction>('WalletTransaction')

builder.node(WalletTransactionRef, {
  description: 'One movement of credits.',
  id: { resolve: ({ userId, seq }) => `${userId} ${seq}` },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'availableAfter' in value,
  loadOne: async (id, { domain, viewer }) => {
    const [userId = '', seq = ''] = id.split(' ')
    if (!viewer || uuidOrNone(userId) !== viewer.userId || !/^\d{1,18}$/.test(seq)) return null
    const row = await domain.db.prisma.transfer.findUnique({
      where: { userId_seq: { userId, seq: BigInt(seq) } },
      include: { prediction: { select: { status: true } } },
    })
    return row && transactionOf(row, row.prediction?.status)
  },
  fields: (t) => ({
    kind: t.expose('kind', { type: Kind }),
    status: t.expose('status', { type: Status }),
    amount: t.field({
      type: 'SafeInt',
      description: 'Signed change of available.',
      resolve: (transfer) => Number(amountOf(transfer)),
    }),
    availableAfter: t.field({
      type: 'SafeInt',
      resolve: ({ availableAfter }) => Number(availableAfter),
    }),
    prediction: t.field({
      type: Prediction,
      nullable: true,
      description: 'null = not about a prediction',
      resolve: ({ predictionId }, _args, { domain }) =>
        predictionId ? domain.reads.predictions.submit(predictionId) : null,
    }),
    reason: t.exposeString('reason', {
      nullable: true,
      description: 'Withdrawals and adjustments only.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

export const WalletTransactionEdge = builder.edgeObject({
  name: 'WalletTransactionEdge',
  type: WalletTransactionRef,
})

export const WalletTransactionConnection = builder.connectionObject(
  { name: 'WalletTransactionConnection', type: WalletTransactionRef },
  WalletTransactionEdge,
)
