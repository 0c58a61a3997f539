import type { ResultOf } from 'gql.tada'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import { isViewerless } from '../transport/read-options.js'

export const transactionFields = graphql(`
  fragment TransactionFields on WalletTransaction {
    id
    kind
    status
    amount
    availableAfter
    reason
    createdAt
    prediction { id status }
  }
`)

/** One movement of credits. */
export type WalletTransaction = ResultOf<typeof transactionFields>

const transactionsQuery = graphql(
  `
    query Transactions($first: Int!, $after: String) {
      viewer {
        wallet {
          transactions(first: $first, after: $after) {
            nodes { ...TransactionFields }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
  `,
  [transactionFields],
)

/** The wallet's movements, newest first, a page at a time as they are read. */
export const transactions = (
  caller: Caller,
  { pageSize, signal }: PageOptions = {},
): AsyncGenerator<WalletTransaction, void, void> =>
  pages(pageSize, async (page) => {
    const options = { signal, repeat: true, isSignedOut: isViewerless }
    const { viewer } = await caller.call(transactionsQuery, page, options)
    if (!viewer) throw new UnauthenticatedError()
    return viewer.wallet.transactions
  })
