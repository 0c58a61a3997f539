import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import { isViewerless, type ReadOptions } from '../transport/read-options.js'

const statusQuery = graphql(`
  query SecondFactor { viewer { mustEnrol secondFactor { enabled recoveryCodesLeft } } }
`)

const enrolMutation = graphql(
  `
    mutation EnrolTotp($password: String!) {
      enrolTotp(password: $password) {
        __typename
        ... on EnrolTotpPayload { secret uri }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

const confirmMutation = graphql(
  `
    mutation ConfirmTotp($code: String!) {
      confirmTotp(code: $code) {
        __typename
        ... on ConfirmTotpPayload { recoveryCodes }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

const disableMutation = graphql(
  `
    mutation DisableTotp($password: String!, $code: String!) {
      disableTotp(password: $password, code: $code) {
        __typename
        ... on DisableTotpPayload { secondFactor { enabled } }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

/** The user's second factor: codes of an authenticator app, by RFC 6238. */
export class Totp {
  readonly #caller: Caller

  constructor(caller: Caller) {
    this.#caller = caller
  }

  /** Whether there is one, how many recovery codes are left, and whether one has to be enrolled. */
  async status({ signal }: ReadOptions = {}) {
    const options = { signal, repeat: true, isSignedOut: isViewerless }
    const { viewer } = await this.#caller.call(statusQuery, {}, options)
    if (!viewer) throw new UnauthenticatedError()
    return { ...viewer.secondFactor, mustEnrol: viewer.mustEnrol }
  }

  /**
   * Begins one: the secret to type into an app, and the URI for a QR code.
   *
   * @throws LoginFailedError, RateLimitedError, TotpStateError, TotpUnavailableError
   */
  async enrol(password: string, options?: ReadOptions): Promise<{ secret: string; uri: string }> {
    return payloadOf((await this.#caller.call(enrolMutation, { password }, options)).enrolTotp)
  }

  /**
   * Switches it on by a first code; the user's other sessions end.
   *
   * @returns the recovery codes, which are shown this once.
   * @throws TotpInvalidError, TotpStateError, RateLimitedError
   */
  async confirm(code: string, options?: ReadOptions): Promise<string[]> {
    const data = await this.#caller.call(confirmMutation, { code }, options)
    return payloadOf(data.confirmTotp).recoveryCodes
  }

  /**
   * Switches it off.
   *
   * @throws LoginFailedError, TotpInvalidError, TotpStateError, RateLimitedError
   */
  async disable(
    credentials: { password: string; code: string },
    options?: ReadOptions,
  ): Promise<void> {
    payloadOf((await this.#caller.call(disableMutation, credentials, options)).disableTotp)
  }
}
