import type { ResultOf } from 'gql.tada'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const modelFields = graphql(`
  fragment ModelFields on Model {
    id
    name
    title
    version
    task
    summary
    intendedUse
    limits
    inputsKeptDays
    healthData { consentVersion consentText }
    counterfactual
    variants {
      name
      title
      summary
      price
      cardPrice
      requires
      interval
      metrics { name value rows low high }
      inputSets { name title features metrics { name value rows } }
    }
    features {
      name
      title
      type
      required
      group
      help
      unit
      min
      max
      choices
      example
      units { name symbol factor offset }
    }
  }
`)

/** A model on sale, as its card describes it. */
export type Model = ResultOf<typeof modelFields>

const modelsQuery = graphql(`query Models { models { ...ModelFields } }`, [modelFields])

const modelQuery = graphql(
  `query Model($name: String!) { model(name: $name) { ...ModelFields } }`,
  [modelFields],
)

/** The models on sale, each in its newest version. */
export async function readModels(caller: Caller, options?: ReadOptions): Promise<Model[]> {
  return (await caller.call(modelsQuery, {}, { ...options, repeat: true })).models
}

/** One model by its name, for example `bio-age`; null = not on sale. */
export async function readModel(
  caller: Caller,
  name: string,
  options?: ReadOptions,
): Promise<Model | null> {
  return (await caller.call(modelQuery, { name }, { ...options, repeat: true })).model
}
