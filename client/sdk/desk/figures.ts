import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const diffQuery = graphql(
  `
    query ScoreDiff($a: ID!, $b: ID!) {
      desk {
        scoreDiff(a: $a, b: $b) {
          ...Refusal
          ... on ScoreDiff { change versionChange parts { change edits { feature from to } } }
        }
      }
    }
  `,
  [refusalFields],
)

const calibrationQuery = graphql(`
  query DeskCalibration($version: String!) {
    desk {
      calibration(version: $version) {
        version count missed brier
        auc { value low high }
        bins { from to count expected observed }
      }
    }
  }
`)

/** How a version of the model does, over scores whose outcome is known. */
export type Calibration = NonNullable<ResultOf<typeof calibrationQuery>['desk']>['calibration']

/** Why one score of a client is another than the other; null = the caller has no role at the desk. */
export async function scoreDiff(caller: Caller, a: string, b: string, options?: ReadOptions) {
  const { desk } = await caller.call(diffQuery, { a, b }, options)
  return desk ? payloadOf(desk.scoreDiff) : null
}

/** A version's figures; null = the caller has no role at the desk. */
export const calibration = async (
  caller: Caller,
  version: string,
  options?: ReadOptions,
): Promise<Calibration | null> =>
  (await caller.call(calibrationQuery, { version }, { ...options, repeat: true })).desk
    ?.calibration ?? null
