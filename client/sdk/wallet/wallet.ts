import type { ResultOf } from 'gql.tada'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { isViewerless, type ReadOptions } from '../transport/read-options.js'

export const walletFields = graphql(`
  fragment WalletFields on Wallet { id available balance bonus held }
`)

/** Whole credits; available = balance + bonus, and what is held is in neither. */
export type Wallet = ResultOf<typeof walletFields>

const walletQuery = graphql(`query Wallet { viewer { wallet { ...WalletFields } } }`, [
  walletFields,
])

/** The caller's wallet. */
export async function readWallet(caller: Caller, options?: ReadOptions): Promise<Wallet> {
  const { viewer } = await caller.call(
    walletQuery,
    {},
    {
      ...options,
      repeat: true,
      isSignedOut: isViewerless,
    },
  )
  if (!viewer) throw new UnauthenticatedError()
  return viewer.wallet
}
