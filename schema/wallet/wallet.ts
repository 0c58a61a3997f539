import { readTransactions, type WalletTransaction } from '@presage/domain/wallet/read-transactions'
import { watchWallet } from '@presage/domain/wallet/watch-wallet'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { keysetConnection } from '../keyset-connection.js'
import { NO_ID, uuidOrNone } from '../node-id.js'
import { orSignedOut } from '../rights.js'
import { signedIn } from '../signed-in.js'
import { seqCursor, seqOf } from './seq-cursor.js'
import {
  WalletTransactionConnection,
  WalletTransactionEdge,
  WalletTransactionRef,
} from './wallet-transaction.js'

const ownWallet = (id: string, { viewer }: GraphQLContext) => ({
  userId: uuidOrNone(id) === viewer?.userId ? id : NO_ID,
})

/** A caller's credits. */
export const Wallet = builder.prismaNode('Wallet', {
  description: 'available = balance + bonus; a hold moves credits out of both into held.',
  id: { field: 'userId' },
  nullable: true,
  findUnique: ownWallet,
  fields: (t) => ({
    available: t.field({
      type: 'SafeInt',
      resolve: ({ balance, bonus }) => Number(balance + bonus),
    }),
    balance: t.field({ type: 'SafeInt', resolve: ({ balance }) => Number(balance) }),
    bonus: t.field({ type: 'SafeInt', resolve: ({ bonus }) => Number(bonus) }),
    held: t.field({ type: 'SafeInt', resolve: ({ held }) => Number(held) }),
    transactions: t.connection(
      {
        type: WalletTransactionRef,
        description: 'Newest first.',
        authScopes: orSignedOut('READ'),
        resolve: ({ userId }, args, { domain }) =>
          keysetConnection(
            { args, toCursor: ({ seq }: WalletTransaction) => seqCursor(seq) },
            ({ after, before, limit, inverted }) =>
              readTransactions(domain, userId, {
                after: after === undefined ? undefined : seqOf(after),
                before: before === undefined ? undefined : seqOf(before),
                limit,
                inverted,
              }),
          ),
      },
      WalletTransactionConnection,
      WalletTransactionEdge,
    ),
  }),
})

/** The wallet that everybody has. */
export async function walletOf(userId: string, { domain }: GraphQLContext) {
  const wallet = await domain.reads.wallets.submit(userId)
  if (!wallet) throw new Error(`user ${userId} has no wallet`)
  return wallet
}

builder.subscriptionField('wallet', (t) =>
  t.field({
    type: Wallet,
    description: 'The wallet now, then after each change.',
    authScopes: { may: 'READ' },
    subscribe: (_root, _args, { domain, viewer }) => watchWallet(domain, signedIn(viewer)),
    resolve: (wallet) => wallet,
  }),
)
