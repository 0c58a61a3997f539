import { z } from 'zod'
import type { Blood } from './blood.js'
import type { Gateway } from './gateway.js'

const failed = z.object({ __typename: z.string(), code: z.string() })

const SESSION = '... on SessionPayload { accessToken refreshToken viewer { id } }'

const sessionSchema = z.object({
  accessToken: z.string(),
  refreshToken: z.string(),
  viewer: z.object({ id: z.string() }),
})

type Session = z.infer<typeof sessionSchema>

/** An access token is good for 15 minutes. */
const RENEW_AFTER_MS = 10 * 60_000

const predictedSchema = z.object({
  predict: z.union([
    z.object({ prediction: z.object({ id: z.string() }), replayed: z.boolean() }),
    failed,
  ]),
})

/** How a prediction is to be run. */
export interface RunInput {
  readonly idempotencyKey: string
  readonly waitMs: number
  readonly deadline?: string
}

/** What a caller was told: the prediction, or the code of a refusal. */
export type Told = { readonly id: string; readonly replayed: boolean } | { readonly code: string }

/** The row's id in a node's. */
export const rowIdOf = (nodeId: string): string =>
  Buffer.from(nodeId, 'base64').toString().split(':')[1] ?? ''

/** Someone with an account and a wallet. */
export class User {
  #session: Session
  #renewed = Promise.resolve()
  #renewAtMs = performance.now() + RENEW_AFTER_MS

  private constructor(
    readonly gateway: Gateway,
    session: Session,
  ) {
    this.#session = session
  }

  /** A new account: with the sign-up bonus, and `credits` on top when there are any. */
  static async register(gateway: Gateway, email: string, credits: number): Promise<User> {
    const { register } = await gateway.ask({
      query: `mutation ($email: String!, $password: String!) {
        register(email: $email, password: $password) {
          ${SESSION}
        }
      }`,
      variables: { email, password: 'a long password' },
      data: z.object({ register: sessionSchema }),
    })
    const user = new User(gateway, register)
    await user.#agree()
    if (credits > 0) await user.#topUp(credits)
    return user
  }

  static async logIn(gateway: Gateway, email: string, password: string): Promise<User> {
    const { logIn } = await gateway.ask({
      query: `mutation ($email: String!, $password: String!) {
        logIn(email: $email, password: $password) {
          ${SESSION}
        }
      }`,
      variables: { email, password },
      data: z.object({ logIn: sessionSchema }),
    })
    return new User(gateway, logIn)
  }

  /** The user's row. */
  get id(): string {
    return rowIdOf(this.#session.viewer.id)
  }

  /** An access token that is good for some minutes more. */
  async token(): Promise<string> {
    if (performance.now() >= this.#renewAtMs) {
      this.#renewAtMs = performance.now() + RENEW_AFTER_MS
      this.#renewed = this.#renew()
    }
    await this.#renewed
    return this.#session.accessToken
  }

  /** Asks as this user. */
  async ask<T>(
    query: string,
    data: z.ZodType<T>,
    variables: Record<string, unknown> = {},
  ): Promise<T> {
    return this.gateway.ask({ query, variables, data, token: await this.token() })
  }

  async predict({ variant, features }: Blood, run: RunInput): Promise<Told> {
    const { predict } = await this.ask(
      `mutation ($input: PredictInput!, $run: RunInput!) {
        predict(input: $input, run: $run) {
          ... on PredictPayload { prediction { id } replayed }
          ... on Error { __typename code }
        }
      }`,
      predictedSchema,
      { input: { bioAge: { variant, features } }, run },
    )
    if ('code' in predict) return { code: predict.code }
    return { id: predict.prediction.id, replayed: predict.replayed }
  }

  /** Asks to end a prediction; it may have ended before. */
  async cancel(id: string): Promise<void> {
    await this.ask(
      `mutation ($id: ID!) { cancelPrediction(id: $id) { __typename } }`,
      z.object({
        cancelPrediction: z.object({
          __typename: z.enum(['CancelPredictionPayload', 'ConflictError']),
        }),
      }),
      { id },
    )
  }

  async #renew(): Promise<void> {
    const { refresh } = await this.gateway.ask({
      query: `mutation ($refreshToken: String!) { refresh(refreshToken: $refreshToken) { ${SESSION} } }`,
      variables: { refreshToken: this.#session.refreshToken },
      data: z.object({ refresh: sessionSchema }),
    })
    this.#session = refresh
  }

  /** Agrees to what the one model asks for whose predictions are bought here. */
  async #agree(): Promise<void> {
    const { model } = await this.ask(
      `{ model(name: "bio-age") { healthData { consentVersion } } }`,
      z.object({ model: z.object({ healthData: z.object({ consentVersion: z.number() }) }) }),
    )
    await this.ask(
      `mutation ($version: Int!) {
        giveConsent(model: "bio-age", version: $version) {
          ... on GiveConsentPayload { consent { modelName } }
        }
      }`,
      z.object({
        giveConsent: z.object({ consent: z.object({ modelName: z.literal('bio-age') }) }),
      }),
      { version: model.healthData.consentVersion },
    )
  }

  async #topUp(amount: number): Promise<void> {
    await this.ask(
      `mutation ($input: TopUpInput!) {
        topUp(input: $input) { ... on MoveCreditsPayload { replayed } }
      }`,
      z.object({ topUp: z.object({ replayed: z.boolean() }) }),
      { input: { amount, idempotencyKey: 'start' } },
    )
  }
}
