import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const deleteAccountMutation = graphql(
  `
    mutation DeleteAccount($password: String!, $giveUpCredits: Boolean!) {
      deleteAccount(password: $password, giveUpCredits: $giveUpCredits) {
        __typename
        ... on DeleteAccountPayload { email }
        ...Refusal
      }
    }
  `,
  [refusalFields],
)

export interface DeleteAccountOptions extends ReadOptions {
  /** Whether credits that are left may be lost: not by default. */
  giveUpCredits?: boolean | undefined
}

/**
 * Deletes the caller's account and erases all that was ever sent or computed, for ever.
 *
 * @throws LoginFailedError, RateLimitedError, CreditsLeftError, AdminAccountError
 */
export async function deleteAccount(
  caller: Caller,
  password: string,
  { giveUpCredits = false, signal }: DeleteAccountOptions = {},
) {
  const data = await caller.call(deleteAccountMutation, { password, giveUpCredits }, { signal })
  return payloadOf(data.deleteAccount)
}
