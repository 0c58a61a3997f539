import type { ResultOf, VariablesOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'

const policyFields = graphql(`
  fragment DeskPolicyFields on DeskPolicy {
    version payer approveBelow declineFrom secondApprovalAbove protectedFields priceNote scorePrice createdAt
  }
`)

const changeMutation = graphql(
  `
    mutation ChangeDeskPolicy($input: ChangeDeskPolicyInput!) {
      result: changeDeskPolicy(input: $input) {
        ...Refusal
        ... on DeskPolicy { ...DeskPolicyFields }
      }
    }
  `,
  [refusalFields, policyFields],
)

const historyQuery = graphql(
  `
    query DeskPolicyHistory($first: Int!, $after: String) {
      desk {
        policyHistory(first: $first, after: $after) {
          nodes { ...DeskPolicyFields reason author { id email } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
  `,
  [policyFields],
)

/** What is to change of the desk's rules, and why. */
export type PolicyChange = VariablesOf<typeof changeMutation>['input']

type Desk = NonNullable<ResultOf<typeof historyQuery>['desk']>

/** A version of the desk's rules, with who wrote it and why. */
export type PolicyVersion = Desk['policyHistory']['nodes'][number]

const NONE = { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } }

/** Writes the next version of the rules. */
export const changePolicy = async (caller: Caller, input: PolicyChange, options?: ReadOptions) =>
  payloadOf((await caller.call(changeMutation, { input }, options)).result)

/** Every version of them, newest first, a page at a time as they are read. */
export const policyHistory = (caller: Caller, { pageSize, signal }: PageOptions = {}) =>
  pages<PolicyVersion>(pageSize, async (page) => {
    const { desk } = await caller.call(historyQuery, page, { signal, repeat: true })
    return desk?.policyHistory ?? NONE
  })
