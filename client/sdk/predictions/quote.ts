import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import type { PredictInput } from './predict.js'

export const quoteFields = graphql(`
  fragment QuoteFields on Quote {
    id
    price
    expiresAt
    available
    model { name title version }
    variant { name title metrics { name value low high rows } }
  }
`)

/** A price that is kept until `expiresAt`; pass its id as `quote`. */
export type Quote = ResultOf<typeof quoteFields>

const quoteQuery = graphql(
  `
    query Quote($input: PredictInput!, $explain: Boolean!) {
      quote(input: $input, explain: $explain) { __typename ...QuoteFields ...Refusal }
    }
  `,
  [quoteFields, refusalFields],
)

export interface QuoteOptions extends ReadOptions {
  explain?: boolean | undefined
}

/**
 * What a prediction would cost.
 *
 * @throws InvalidInputError, ConsentRequiredError
 */
export async function quote(
  caller: Caller,
  input: PredictInput,
  { explain = false, signal }: QuoteOptions = {},
): Promise<Quote> {
  const data = await caller.call(quoteQuery, { input, explain }, { signal, repeat: true })
  return payloadOf(data.quote)
}
