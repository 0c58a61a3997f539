import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const changePasswordMutation = graphql(
  `
    mutation ChangePassword($current: String!, $next: String!) {
      changePassword(current: $current, next: $next) {
        __typename
        ... on ChangePasswordPayload { ended }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

export interface PasswordChange {
  current: string
  /** 10 to 200 characters. */
  next: string
}

/**
 * Replaces the password and ends all other sessions.
 *
 * @returns how many those were
 * @throws LoginFailedError, InvalidInputError, RateLimitedError
 */
export async function changePassword(
  caller: Caller,
  { current, next }: PasswordChange,
  options?: ReadOptions,
): Promise<number> {
  const data = await caller.call(changePasswordMutation, { current, next }, options)
  return payloadOf(data.changePassword).ended
}
