import type { ResultOf, VariablesOf } from 'gql.tada'
import { NotFoundError } from '../errors/refused-error.js'
import { graphql } from '../graphql.js'
import { type Prediction, predictionFields } from '../predictions/prediction.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'
import { transactionFields, type WalletTransaction } from '../wallet/transactions.js'
import { walletFields } from '../wallet/wallet.js'

export const accountFields = graphql(`
  fragment AccountFields on User { id email roles state disabledAt createdAt }
`)

/** A person's account, as admins see it. */
export type Account = ResultOf<typeof accountFields>

const usersQuery = graphql(
  `
    query Users($first: Int!, $after: String, $filter: UserFilter) {
      users(first: $first, after: $after, filter: $filter) {
        nodes { ...AccountFields }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [accountFields],
)

const userQuery = graphql(
  `query User($id: ID!) { user(id: $id) { ...AccountFields wallet { ...WalletFields } } }`,
  [accountFields, walletFields],
)

const transactionsQuery = graphql(
  `
    query UserTransactions($id: ID!, $first: Int!, $after: String) {
      user(id: $id) {
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

const historyQuery = graphql(
  `
    query UserHistory($id: ID!, $first: Int!, $after: String) {
      user(id: $id) {
        predictions(first: $first, after: $after) {
          nodes { ...PredictionFields }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [predictionFields],
)

export interface AccountsOptions extends PageOptions {
  /** By a part of the e-mail, role and state; all by default. */
  filter?: VariablesOf<typeof usersQuery>['filter']
}

/** Everybody's accounts, newest first, a page at a time as they are read. */
export const accounts = (
  caller: Caller,
  { filter, pageSize, signal }: AccountsOptions = {},
): AsyncGenerator<Account, void, void> =>
  pages(pageSize, async (page) => {
    const options = { signal, repeat: true }
    return (await caller.call(usersQuery, { ...page, filter }, options)).users
  })

/** One account with its wallet; null = none. */
export const readAccount = async (caller: Caller, id: string, options?: ReadOptions) =>
  (await caller.call(userQuery, { id }, { ...options, repeat: true })).user

/** A user's movements of credits, newest first. */
export const transactionsOf = (
  caller: Caller,
  id: string,
  { pageSize, signal }: PageOptions = {},
): AsyncGenerator<WalletTransaction, void, void> =>
  pages(pageSize, async (page) => {
    const data = await caller.call(transactionsQuery, { id, ...page }, { signal, repeat: true })
    return found(data.user).wallet.transactions
  })

/** A user's predictions, newest first. */
export const historyOf = (
  caller: Caller,
  id: string,
  { pageSize, signal }: PageOptions = {},
): AsyncGenerator<Prediction, void, void> =>
  pages(pageSize, async (page) => {
    const data = await caller.call(historyQuery, { id, ...page }, { signal, repeat: true })
    return found(data.user).predictions
  })

function found<User>(user: User | null): User {
  if (user) return user
  const told = { code: 'NOT_FOUND', message: 'No such user.' }
  throw new NotFoundError({ __typename: 'NotFoundError', ...told })
}
