import { randomUUID } from 'node:crypto'
import type { PredictionStatus } from '@presage/domain/predictions/prediction'
import type { Api } from './api.js'
import { FEATURES } from './blood.js'

export interface ChargeView {
  price: number
  held: number
  captured: number
  released: number
}

export interface WalletView {
  available: number
  balance: number
  bonus: number
  held: number
}

export interface PredictionView {
  __typename: 'Prediction'
  id: string
  status: PredictionStatus
  revision: number
  charge: ChargeView
  input: Record<string, unknown>
  output: { value: number; unit: string } | null
  explanation: { baseline: number; contributions: { contribution: number }[] } | null
  failure: { code: string; message: string } | null
  queue: { ahead: number; startsAbout: string } | null
  createdAt: string
  finishedAt: string | null
}

export interface IssueView {
  path: string[]
  message: string
  unit: string | null
  min: number | null
  max: number | null
  choices: string[] | null
}

/** The payload of a call that pays, or the error that it answers instead. */
export interface PredictView {
  __typename: string
  code?: string
  message?: string
  issues?: IssueView[]
  required?: number
  available?: number
  prediction: PredictionView
  wallet: WalletView
  replayed: boolean
  current?: { id: string; price: number }
  retryAfterMs?: number
}

export const PREDICTION = `
  __typename id status revision input createdAt finishedAt
  charge { price held captured released }
  output { ... on RegressionOutput { value unit } }
  explanation { baseline contributions { contribution } }
  failure { code message }`

export const WALLET = 'available balance bonus held'

const PREDICTED = `
  __typename
  ... on PredictPayload { replayed prediction { ${PREDICTION} } wallet { ${WALLET} } }
  ... on Error { code message }
  ... on InvalidInputError { issues { path message unit min max choices } }
  ... on InsufficientFundsError { required available }
  ... on QuoteError { current { id price } }
  ... on RateLimitedError { retryAfterMs }
  ... on ConflictError { prediction { ${PREDICTION} } }`

export const PREDICT = `mutation ($input: PredictInput!, $run: RunInput!) {
  predict(input: $input, run: $run) { ${PREDICTED} }
}`

const RUN_DRAFT = `mutation ($id: ID!, $run: RunInput!) {
  runDraft(id: $id, run: $run) { ${PREDICTED} }
}`

const CANCEL = `mutation ($id: ID!) {
  cancelPrediction(id: $id) {
    __typename
    ... on CancelPredictionPayload { prediction { ${PREDICTION} } wallet { ${WALLET} } }
    ... on Error { code message }
    ... on ConflictError { prediction { ${PREDICTION} } }
  }
}`

const HISTORY = `query (
  $first: Int, $after: String, $last: Int, $before: String, $filter: PredictionFilter
) {
  viewer {
    predictions(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      nodes { id status createdAt }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
}`

/** The row's id in a node's. */
export const rowIdOf = (nodeId: string): string =>
  Buffer.from(nodeId, 'base64').toString().split(':')[1] ?? ''

/** How to run; with a key of its own unless one is given. */
export interface RunArgs {
  idempotencyKey?: string
  explain?: boolean
  waitMs?: number
  deadline?: string
  quote?: string
}

const runOf = (run: RunArgs) => ({ idempotencyKey: randomUUID(), ...run })

/** A PredictInput: good blood, with some of it changed. */
export const bioAge = (
  variant: 'PHENOAGE' | 'NETWORK' = 'PHENOAGE',
  changes: Record<string, unknown> = {},
) => ({ bioAge: { variant, features: { ...FEATURES, ...changes } } })

export const predict = (api: Api, input: unknown = bioAge(), run: RunArgs = {}) =>
  api.field<PredictView>(PREDICT, { input, run: runOf(run) })

export const runDraft = (api: Api, id: string, run: RunArgs = {}) =>
  api.field<PredictView>(RUN_DRAFT, { id, run: runOf(run) })

export const cancel = (api: Api, id: string) => api.field<PredictView>(CANCEL, { id })

/** The prediction, or null when the caller may see none. */
export const readPrediction = (api: Api, id: string) =>
  api.field<PredictionView | null>(
    `query ($id: ID!) { prediction(id: $id) { ${PREDICTION} queue { ahead startsAbout } } }`,
    { id },
  )

/** How many are ahead of each of the newest predictions; null where the server cannot tell. */
export async function readPlaces(api: Api, first: number): Promise<(number | null)[]> {
  const { predictions } = await api.field<{
    predictions: { nodes: { queue: { ahead: number } | null }[] }
  }>(
    'query ($first: Int) { viewer { predictions(first: $first) { nodes { queue { ahead } } } } }',
    { first },
  )
  return predictions.nodes.map(({ queue }) => queue?.ahead ?? null)
}

export const readWallet = async (api: Api): Promise<WalletView> =>
  (await api.field<{ wallet: WalletView }>(`{ viewer { wallet { ${WALLET} } } }`)).wallet

export interface HistoryArgs {
  first?: number
  after?: string | null
  last?: number
  before?: string | null
  filter?: { models?: string[]; statuses?: PredictionStatus[]; from?: string; to?: string }
}

export interface PageView {
  nodes: Pick<PredictionView, 'id' | 'status' | 'createdAt'>[]
  pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}

export const readHistory = async (api: Api, args: HistoryArgs = {}): Promise<PageView> =>
  (await api.field<{ predictions: PageView }>(HISTORY, { ...args })).predictions
