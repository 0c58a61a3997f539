import { IdempotencyConflictError, InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { InsufficientFundsError } from '@presage/domain/wallet/book-transfer'
import { type Move, moveCredits, TopUpUnavailableError } from '@presage/domain/wallet/move-credits'
import { transactionOf, type WalletTransaction } from '@presage/domain/wallet/read-transactions'
import type { Wallet as WalletRow } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { ErrorInterface } from '../errors.js'
import { userRowId } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { Wallet } from './wallet.js'
import { WalletTransactionRef } from './wallet-transaction.js'

builder.objectType(InsufficientFundsError, {
  name: 'InsufficientFundsError',
  description: 'The wallet cannot pay; nothing was held and no key was bound.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    required: t.field({ type: 'SafeInt', resolve: (error) => Number(error.required) }),
    available: t.field({ type: 'SafeInt', resolve: (error) => Number(error.available) }),
  }),
})

builder.objectType(TopUpUnavailableError, {
  name: 'TopUpUnavailableError',
  description: 'This installation takes no payments; an admin grants credits.',
  interfaces: [ErrorInterface],
})

interface Moved {
  transaction: WalletTransaction
  wallet: WalletRow
  replayed: boolean
}

const MoveCreditsPayload = builder.objectRef<Moved>('MoveCreditsPayload').implement({
  fields: (t) => ({
    transaction: t.expose('transaction', { type: WalletTransactionRef }),
    wallet: t.expose('wallet', { type: Wallet }),
    replayed: t.exposeBoolean('replayed', {
      description: 'true = the key had been used; nothing was moved again.',
    }),
  }),
})

const TopUpInput = builder.inputType('TopUpInput', {
  fields: (t) => ({
    amount: t.field({ type: 'SafeInt', required: true, description: 'Credits, at least 1.' }),
    idempotencyKey: t.string({ required: true, description: '1 to 64 characters.' }),
  }),
})

const MoveCreditsInput = builder.inputType('MoveCreditsInput', {
  fields: (t) => ({
    user: t.id({ required: true, description: 'User.id or Viewer.id of the wallet’s owner.' }),
    amount: t.field({
      type: 'SafeInt',
      required: true,
      description: 'Credits, at least 1; an adjustment is signed.',
    }),
    reason: t.string({
      description: 'At most 500 characters; needed for withdrawals and adjustments.',
    }),
    idempotencyKey: t.string({
      required: true,
      description: '1 to 64 characters; one for each order, whosever wallet it is about.',
    }),
  }),
})

async function move(context: GraphQLContext, order: Omit<Move, 'actorId'>): Promise<Moved> {
  const { userId: actorId } = signedIn(context.viewer)
  const { transfer, ...rest } = await moveCredits(context.domain, { ...order, actorId })
  return { ...rest, transaction: transactionOf(transfer, undefined) }
}

builder.mutationField('topUp', (t) =>
  t.field({
    type: MoveCreditsPayload,
    description:
      'Buys credits from the TEST PROVIDER: play money, no payment is taken. Only where the installation allows it.',
    authScopes: { signedIn: true },
    errors: { types: [InvalidInputError, IdempotencyConflictError, TopUpUnavailableError] },
    args: { input: t.arg({ type: TopUpInput, required: true }) },
    resolve: (_root, { input }, context) => {
      if (!context.domain.testTopUps)
        throw new TopUpUnavailableError('Ask an admin: this installation takes no payments.')
      const { userId } = signedIn(context.viewer)
      return move(context, { ...input, userId, kind: 'TOP_UP', mutation: 'topUp' })
    },
  }),
)

const orders = {
  grantTopUp: ['TOP_UP', 'Books credits that were paid for elsewhere.'],
  grantBonus: ['BONUS', 'Gives credits away.'],
  withdrawCredits: ['WITHDRAWAL', 'Takes paid credits out, with a reason.'],
  adjustBalance: ['ADJUSTMENT', 'Corrects a balance either way, with a reason.'],
} as const

for (const [field, [kind, description]] of Object.entries(orders))
  builder.mutationField(field, (t) =>
    t.field({
      type: MoveCreditsPayload,
      description: `${description} Admins only.`,
      authScopes: { admin: true },
      errors: {
        types: [InvalidInputError, NotFoundError, InsufficientFundsError, IdempotencyConflictError],
      },
      args: { input: t.arg({ type: MoveCreditsInput, required: true }) },
      resolve: (_root, { input }, context) =>
        move(context, { ...input, userId: userRowId(input.user), kind }),
    }),
  )
