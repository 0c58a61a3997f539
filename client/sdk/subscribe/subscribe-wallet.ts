import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import { operationOf } from '../transport/operation.js'
import type { ReadOptions } from '../transport/read-options.js'
import { type Wallet, walletFields } from '../wallet/wallet.js'
import { Channel } from './channel.js'
import type { Streams } from './streams.js'

const walletSubscription = graphql(`subscription WalletStates { wallet { ...WalletFields } }`, [
  walletFields,
])

/** The wallet now, then after each change. */
export const subscribeWallet = (streams: Streams, { signal }: ReadOptions = {}): Channel<Wallet> =>
  new Channel((inlet) => {
    let last: Wallet | undefined
    return streams.follow({
      operation: operationOf(walletSubscription),
      variables: () => ({}),
      onData: (data) => {
        const { wallet } = data as ResultOf<typeof walletSubscription>
        // Reopened after a cut it begins with what may have been told already.
        if (!last || !isSame(wallet, last)) inlet.push(wallet)
        last = wallet
      },
      onFail: inlet.fail,
    })
  }, signal)

const isSame = (a: Wallet, b: Wallet): boolean =>
  a.balance === b.balance && a.bonus === b.bonus && a.held === b.held
