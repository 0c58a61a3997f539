import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { isViewerless, type ReadOptions } from '../transport/read-options.js'

const consentFields = graphql(`
  fragment ConsentFields on Consent { modelName consentVersion givenAt inForce }
`)

/** What the user agrees to; `inForce` is false when the model has another text by now. */
export type Consent = ResultOf<typeof consentFields>

const listQuery = graphql(`query Consents { viewer { consents { ...ConsentFields } } }`, [
  consentFields,
])

const giveMutation = graphql(
  `
    mutation GiveConsent($model: String!, $version: Int!) {
      giveConsent(model: $model, version: $version) {
        __typename
        ... on GiveConsentPayload { consent { ...ConsentFields } }
        ...Refusal
      }
    }
  `,
  [consentFields, refusalFields],
)

const withdrawMutation = graphql(
  `
    mutation WithdrawConsent($model: String!, $erase: Boolean!) {
      withdrawConsent(model: $model, erase: $erase) {
        __typename
        ... on WithdrawConsentPayload { canceled erased }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

export interface WithdrawConsentOptions extends ReadOptions {
  /** Whether all that was sent and computed is erased at once, for good: not by default. */
  erase?: boolean | undefined
}

/** What the user has agreed to, for models of health data. Needs a session: no API key agrees. */
export class Consents {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Those of now, by the names of their models. */
  async list({ signal }: ReadOptions = {}): Promise<Consent[]> {
    const options = { signal, repeat: true, isSignedOut: isViewerless }
    const { viewer } = await this.#caller.call(listQuery, {}, options)
    if (!viewer) throw new UnauthenticatedError()
    return viewer.consents
  }

  /**
   * Agrees to the text of a model: show `healthData.consentText` of it, or the `text` of a
   * ConsentRequiredError, to the user first.
   *
   * @throws NotFoundError; ConsentRequiredError with the text in force when the version is another's
   */
  async give(
    { model, version }: { model: string; version: number },
    { signal }: ReadOptions = {},
  ): Promise<Consent> {
    const data = await this.#caller.call(giveMutation, { model, version }, { signal, repeat: true })
    return payloadOf(data.giveConsent).consent
  }

  /**
   * Takes it back: nothing new of the model is accepted, and what has not ended is canceled. Says how
   * many predictions that were, and how many were erased.
   *
   * @throws NotFoundError
   */
  async withdraw(
    model: string,
    { erase = false, signal }: WithdrawConsentOptions = {},
  ): Promise<{ canceled: number; erased: number }> {
    const data = await this.#caller.call(
      withdrawMutation,
      { model, erase },
      { signal, repeat: true },
    )
    const { canceled, erased } = payloadOf(data.withdrawConsent)
    return { canceled, erased }
  }
}
