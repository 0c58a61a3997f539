import { randomUUID } from 'node:crypto'
import type { Api } from '../../kit/api.js'
import {
  bioAge,
  type IssueView,
  type PredictionView,
  type WalletView,
} from '../../kit/operations.js'

export interface BulkView {
  id: string
  size: number
  finishedAt: string | null
  progress: Record<
    'refused' | 'open' | 'done' | 'succeeded' | 'failed' | 'canceled' | 'expired' | 'perSecond',
    number
  > & { endsAbout: string | null }
  charge: { price: number; held: number; captured: number; released: number }
}

export interface BulkPaid {
  __typename: string
  code?: string
  retryAfterMs?: number
  issues?: IssueView[]
  faults?: { index: number | null; code: string; issues: IssueView[] }[]
  bulk: BulkView
  wallet: WalletView
  replayed: boolean
}

export interface ItemView {
  index: number
  result: Partial<PredictionView> & {
    __typename: string
    code?: string
    issues?: IssueView[]
    required?: number
    available?: number
  }
}

export const BULK = `id size finishedAt
  progress { refused open done succeeded failed canceled expired perSecond endsAbout }
  charge { price held captured released }`

const PAID = `__typename
  ... on Error { code message }
  ... on RateLimitedError { retryAfterMs }
  ... on InvalidInputError { issues { path message min max } }
  ... on BulkRefusedError { faults { index code issues { path message unit } } }`

const WALLET = 'available balance bonus held'

export const PREDICT_MANY = `mutation (
  $items: [JSON!]!, $idempotencyKey: String!, $allOrNothing: Boolean! = false, $deadline: DateTime
) {
  predictMany(
    items: $items, idempotencyKey: $idempotencyKey, allOrNothing: $allOrNothing, deadline: $deadline
  ) {
    ${PAID}
    ... on PredictManyPayload { replayed bulk { ${BULK} } wallet { ${WALLET} } }
  }
}`

const CANCEL_BULK = `mutation ($id: ID!) {
  cancelBulk(id: $id) {
    __typename
    ... on Error { code message }
    ... on CancelBulkPayload { bulk { ${BULK} } wallet { ${WALLET} } }
  }
}`

const ITEMS = `query ($id: ID!, $first: Int, $after: String, $refused: Boolean) {
  bulk(id: $id) {
    items(first: $first, after: $after, refused: $refused) {
      nodes {
        index
        result {
          __typename
          ... on Prediction { id status charge { price held captured released } }
          ... on Error { code message }
          ... on InvalidInputError { issues { path message unit min max choices } }
          ... on InsufficientFundsError { required available }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}`

export const WATCH_BULK = `subscription ($id: ID!) { bulk(id: $id) { ${BULK} } }`

export interface BulkArgs {
  idempotencyKey?: string
  allOrNothing?: boolean
  deadline?: string
}

export const predictMany = (api: Api, items: unknown[], args: BulkArgs = {}) =>
  api.field<BulkPaid>(PREDICT_MANY, { items, idempotencyKey: randomUUID(), ...args })

export const cancelBulk = (api: Api, id: string) => api.field<BulkPaid>(CANCEL_BULK, { id })

export const readBulk = (api: Api, id: string) =>
  api.field<BulkView | null>(`query ($id: ID!) { bulk(id: $id) { ${BULK} } }`, { id })

/** All items, read a page at a time. */
export async function itemsOf(
  api: Api,
  id: string,
  args: { first?: number; refused?: boolean } = {},
): Promise<ItemView[]> {
  const items: ItemView[] = []
  for (let after: string | null = null; ; ) {
    const bulk: { items: Page } = await api.field(ITEMS, { id, after, first: 100, ...args })
    items.push(...bulk.items.nodes)
    if (!bulk.items.pageInfo.hasNextPage) return items
    after = bulk.items.pageInfo.endCursor
  }
}

interface Page {
  nodes: ItemView[]
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

/** So many good items, no two alike. */
export const manyAges = (count: number, variant: 'PHENOAGE' | 'NETWORK' = 'PHENOAGE') =>
  Array.from({ length: count }, (_, i) => bioAge(variant, { age: 20 + (i % 800) / 10 }))
