import type { ResultOf } from 'gql.tada'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import { accountFields } from './accounts.js'

const actionFields = graphql(`
  fragment ActionFields on AdminAction {
    kind
    reason
    createdAt
    actor { id email }
    user { id email }
  }
`)

/** What an admin did to whose account, when and why. */
export type AdminAction = ResultOf<typeof actionFields>

const actedFields = graphql(
  `
    fragment ActedFields on AdminActionPayload {
      user { ...AccountFields }
      action { ...ActionFields }
    }
  `,
  [accountFields, actionFields],
)

/** The account as it is now; `action` null = it was so already. */
export type Acted = ResultOf<typeof actedFields>

const fragments = [actedFields, refusalFields] as const

export const disableMutation = graphql(
  `
    mutation DisableUser($user: ID!, $reason: String!) {
      result: disableUser(user: $user, reason: $reason) { __typename ...ActedFields ...Refusal }
    }
  `,
  fragments,
)

export const enableMutation = graphql(
  `
    mutation EnableUser($user: ID!, $reason: String!) {
      result: enableUser(user: $user, reason: $reason) { __typename ...ActedFields ...Refusal }
    }
  `,
  fragments,
)

export const grantMutation = graphql(
  `
    mutation GrantAdmin($user: ID!, $reason: String!) {
      result: grantAdmin(user: $user, reason: $reason) { __typename ...ActedFields ...Refusal }
    }
  `,
  fragments,
)

export const withdrawMutation = graphql(
  `
    mutation WithdrawAdmin($user: ID!, $reason: String!) {
      result: withdrawAdmin(user: $user, reason: $reason) { __typename ...ActedFields ...Refusal }
    }
  `,
  fragments,
)

const actionsQuery = graphql(
  `
    query AdminActions($first: Int!, $after: String, $user: ID) {
      adminActions(first: $first, after: $after, user: $user) {
        nodes { ...ActionFields }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [actionFields],
)

export interface ActionsOptions extends PageOptions {
  /** What was done to this user; by default to anybody. */
  user?: string | undefined
}

/** What admins did, newest first, a page at a time as it is read. */
export const actions = (
  caller: Caller,
  { user, pageSize, signal }: ActionsOptions = {},
): AsyncGenerator<AdminAction, void, void> =>
  pages(pageSize, async (page) => {
    const variables = { ...page, user: user ?? null }
    return (await caller.call(actionsQuery, variables, { signal, repeat: true })).adminActions
  })
