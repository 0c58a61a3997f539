import type { ResultOf } from 'gql.tada'
import { payloadOf } from '../errors/payload-of.js'
import { refusalFields } from '../errors/refusal.js'
import { SessionEndedError } from '../errors/refused-error.js'
import { graphql } from '../graphql.js'
import type { Caller } from '../transport/caller.js'
import type { ReadOptions } from '../transport/read-options.js'

const sessionFields = graphql(`
  fragment SessionFields on SessionPayload {
    accessToken
    accessTokenExpiresAt
    refreshToken
    refreshTokenExpiresAt
    viewer { id email roles }
  }
`)

/** A session that has just begun, and who it is for. */
export type SessionStart = ResultOf<typeof sessionFields>

/** Where the refresh token goes: into the answer, or into a cookie that no script can read. */
export type Delivery = 'BODY' | 'COOKIE'

export interface Credentials {
  email: string
  password: string
}

/** An account with a second factor needs a code of its app, or a recovery code. */
export interface LogIn extends Credentials {
  code?: string | undefined
}

const registerMutation = graphql(
  `
    mutation Register($email: String!, $password: String!, $delivery: Delivery!) {
      register(email: $email, password: $password, delivery: $delivery) {
        __typename
        ...SessionFields
        ...Refusal
      }
    }
  `,
  [sessionFields, refusalFields],
)

const logInMutation = graphql(
  `
    mutation LogIn($email: String!, $password: String!, $code: String, $delivery: Delivery!) {
      logIn(email: $email, password: $password, code: $code, delivery: $delivery) {
        __typename
        ...SessionFields
        ...Refusal
      }
    }
  `,
  [sessionFields, refusalFields],
)

const logOutMutation = graphql(`mutation LogOut { logOut { ended } }`)

/** Over HTTP, which cookies need, and without a session, which may be past renewing. */
const afresh = { transport: 'http', isAnonymous: true } as const

/** @throws EmailTakenError, InvalidInputError, RateLimitedError */
export async function register(
  caller: Caller,
  { email, password }: Credentials,
  delivery: Delivery,
  options?: ReadOptions,
): Promise<SessionStart> {
  const variables = { email, password, delivery }
  const data = await caller.call(registerMutation, variables, { ...options, ...afresh })
  return payloadOf(data.register)
}

/** @throws LoginFailedError, AccountDisabledError, RateLimitedError, TotpRequiredError, TotpInvalidError */
export async function logIn(
  caller: Caller,
  { email, password, code }: LogIn,
  delivery: Delivery,
  options?: ReadOptions,
): Promise<SessionStart> {
  const variables = { email, password, code, delivery }
  const data = await caller.call(logInMutation, variables, { ...options, ...afresh })
  return payloadOf(data.logIn)
}

/** Ends the session on the server; it is well when there is none any more. */
export async function logOut(caller: Caller, options?: ReadOptions): Promise<void> {
  try {
    await caller.call(logOutMutation, {}, { ...options, transport: 'http' })
  } catch (error) {
    if (!(error instanceof SessionEndedError)) throw error
  }
}
