import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { type Payload, refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'
import type { PredictInput } from './predict.js'

const whatIfQuery = graphql(
  `
    query WhatIf($input: PredictInput!) {
      whatIf(input: $input) {
        __typename
        ... on WhatIf { score unit remaining }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

/** A bare score, and how many more may be asked for today. */
export type WhatIf = Payload<ResultOf<typeof whatIfQuery>['whatIf']>

/**
 * What a model would answer: unbilled, not kept, fast enough for a slider.
 *
 * @throws InvalidInputError, ConsentRequiredError, RateLimitedError
 */
export async function whatIf(
  caller: Caller,
  input: PredictInput,
  options?: ReadOptions,
): Promise<WhatIf> {
  const data = await caller.call(whatIfQuery, { input }, { ...options, repeat: true })
  return payloadOf(data.whatIf)
}
