import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const changeFields = graphql(`
  fragment ModelChangeFields on ModelChange { action version replaced reason actor at }
`)

const versionFields = graphql(
  `
    fragment ModelVersionFields on ModelVersion {
      version state changedAt installed
      changes { ...ModelChangeFields }
      comparison {
        runs failed compared agreeing meanDifference largestDifference labelsDiffering
      }
    }
  `,
  [changeFields],
)

/** A version of a model: how it stands, what changed, and how it compared as a shadow. */
export type ModelVersion = ResultOf<typeof versionFields>

const changedFields = graphql(
  `
    fragment ModelChangedFields on ModelChangedPayload {
      versions { ...ModelVersionFields }
      change { ...ModelChangeFields }
    }
  `,
  [versionFields, changeFields],
)

/** How the versions stand now; `change` null = it was so already. */
export type ModelChanged = ResultOf<typeof changedFields>

const versionsQuery = graphql(
  `query ModelVersions($model: String!) { modelVersions(model: $model) { ...ModelVersionFields } }`,
  [versionFields],
)

const promoteMutation = graphql(
  `
    mutation PromoteModel($model: String!, $version: String!, $reason: String!) {
      promoteModel(model: $model, version: $version, reason: $reason) {
        __typename ...ModelChangedFields ...Refusal
      }
    }
  `,
  [changedFields, refusalFields],
)

const rollBackMutation = graphql(
  `
    mutation RollBackModel($model: String!, $reason: String!) {
      rollBackModel(model: $model, reason: $reason) {
        __typename ...ModelChangedFields ...Refusal
      }
    }
  `,
  [changedFields, refusalFields],
)

/** The versions of a model, newest first. */
export const modelVersions = async (
  caller: Caller,
  model: string,
  how?: ReadOptions,
): Promise<ModelVersion[]> =>
  (await caller.call(versionsQuery, { model }, { ...how, repeat: true })).modelVersions

/** Puts a version on sale. Repeated it changes nothing. */
export async function promote(
  caller: Caller,
  order: { model: string; version: string; reason: string },
  how?: ReadOptions,
): Promise<ModelChanged> {
  const data = await caller.call(promoteMutation, order, { ...how, repeat: true })
  return payloadOf(data.promoteModel)
}

/** Takes the last promotion back. Repeated it would take back one more, so it is sent once. */
export async function rollBack(
  caller: Caller,
  order: { model: string; reason: string },
  how?: ReadOptions,
): Promise<ModelChanged> {
  return payloadOf((await caller.call(rollBackMutation, order, how)).rollBackModel)
}
