import type { ResultOf, VariablesOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const decisionFields = graphql(`
  fragment DecisionFields on Decision {
    id proposed verdict reason amount currency decidedAt needsSecond standsSince
    letter { date salutation decided reasons { title value } mayDo }
  }
`)

/** What a person decided on a score. */
export type Decision = ResultOf<typeof decisionFields>

const decideMutation = graphql(
  `
    mutation Decide($input: DecideInput!) {
      result: decide(input: $input) { ...Refusal ... on Decision { ...DecisionFields } }
    }
  `,
  [refusalFields, decisionFields],
)

const approveMutation = graphql(
  `
    mutation ApproveDecision($decision: ID!) {
      result: approveDecision(decision: $decision) {
        ...Refusal
        ... on Decision { ...DecisionFields }
      }
    }
  `,
  [refusalFields, decisionFields],
)

const outcomeMutation = graphql(
  `
    mutation RecordOutcome($score: ID!, $missed: Boolean!) {
      result: recordOutcome(score: $score, missed: $missed) {
        ...Refusal
        ... on ScoreOutcome { missed month recordedAt fromPayment }
      }
    }
  `,
  [refusalFields],
)

const aheadQuery = graphql(
  `
    query WhatWouldHelp($id: ID!) {
      desk {
        client(id: $id) {
          whatWouldHelp {
            ...Refusal
            ... on WhatWouldHelp {
              remaining
              now { probability band }
              steps { months probability band text }
            }
          }
        }
      }
    }
  `,
  [refusalFields],
)

/** What follows from scores: decisions, letters, outcomes, and what would help. */
export class DeskDecisions {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /**
   * Decides on a client's latest score.
   *
   * @throws InvalidInputError, DecisionConflictError, ScoreOutdatedError, DeskForbiddenError, NotFoundError
   */
  decide = async (input: VariablesOf<typeof decideMutation>['input'], options?: ReadOptions) =>
    payloadOf((await this.#caller.call(decideMutation, { input }, options)).result)

  /**
   * Approves another's override, which stands from then on.
   *
   * @throws SecondPersonError, DecisionNotWaitingError, DeskForbiddenError, NotFoundError
   */
  approve = async (decision: string, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(approveMutation, { decision }, options)).result)

  /**
   * Tells, once, whether the payment that a score was about was missed.
   *
   * @throws OutcomeTakenError, DeskForbiddenError, NotFoundError
   */
  recordOutcome = async (score: string, missed: boolean, options?: ReadOptions) =>
    payloadOf((await this.#caller.call(outcomeMutation, { score, missed }, options)).result)

  /**
   * What months paid in full would do to a client's score; null = there is no such client for the caller.
   *
   * @throws NothingToScoreError, RateLimitedError, InvalidInputError
   */
  whatWouldHelp = async (client: string, options?: ReadOptions) => {
    const { desk } = await this.#caller.call(aheadQuery, { id: client }, options)
    return desk?.client ? payloadOf(desk.client.whatWouldHelp) : null
  }
}
