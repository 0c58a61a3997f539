import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { type PageOptions, pages } from '../transport/pages.js'
import type { ReadOptions } from '../transport/read-options.js'

const changeFields = graphql(`
  fragment PriceChangeFields on PriceChange { variant before after reason actor at }
`)

/** Who changed what a variant costs, and why; `before` or `after` null = the card's price. */
export type PriceChange = ResultOf<typeof changeFields>

/** What a variant is to cost; `price` null = what its card says. */
export interface PriceOrder {
  model: string
  variant: string
  price: number | null
  reason: string
}

const setMutation = graphql(
  `
    mutation SetPrice($input: SetPriceInput!) {
      setPrice(input: $input) {
        ... on SetPricePayload { change { ...PriceChangeFields } }
        ...Refusal
      }
    }
  `,
  [changeFields, refusalFields],
)

const changesQuery = graphql(
  `
    query PriceChanges($model: String!, $first: Int!, $after: String) {
      priceChanges(model: $model, first: $first, after: $after) {
        nodes { ...PriceChangeFields }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [changeFields],
)

/** Has a variant cost so much; null = it was so already. Repeated it changes nothing. */
export async function setPrice(
  caller: Caller,
  input: PriceOrder,
  how?: ReadOptions,
): Promise<PriceChange | null> {
  const data = await caller.call(setMutation, { input }, { ...how, repeat: true })
  return payloadOf(data.setPrice).change
}

/** What changed about a model's prices, newest first, a page at a time as it is read. */
export const priceChanges = (
  caller: Caller,
  model: string,
  { pageSize, signal }: PageOptions = {},
): AsyncGenerator<PriceChange, void, void> =>
  pages(pageSize, async (page) => {
    const variables = { ...page, model }
    return (await caller.call(changesQuery, variables, { signal, repeat: true })).priceChanges
  })
