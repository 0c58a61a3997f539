import { RefreshReusedError, SessionEndedError } from '../errors/refused-error.js'
import { UnauthenticatedError } from '../errors/unauthenticated-error.js'
import type { TokenStore, Tokens } from './token-store.js'

/** Renewed this long before it expires: longer than a request takes. */
const RENEW_BEFORE_MS = 30_000

export interface SessionOptions {
  store: TokenStore
  /** The refresh token is in a cookie, so there may be a session although no token is known. */
  byCookie: boolean
  /** Trades a refresh token, or null for the one in the cookie. */
  refresh: (refreshToken: string | null) => Promise<Tokens>
  /** Told when another session begins or this one ends, but not when it is renewed. */
  onChange: (tokens: Tokens | null) => void
  /** What callers are told when there is nothing to renew; that they should log in by default. */
  refusal?: string | undefined
}

/** The one session of a client, renewed when needed, once for all who need it. */
export class Session {
  readonly #options: SessionOptions
  /** undefined = not loaded yet */
  #tokens: Tokens | null | undefined
  #renewAtMs = Number.POSITIVE_INFINITY
  #renewing: Promise<string> | undefined
  #generation = 0

  constructor(options: SessionOptions) {
    this.#options = options
  }

  /** Differs when another session has begun or this one has ended. */
  get generation(): number {
    return this.#generation
  }

  /** A token that is good for some seconds at least; null = signed out. */
  accessToken(): string | null | Promise<string | null> {
    const tokens = this.#tokens
    if (tokens === undefined) return this.#load()
    if (tokens === null) return null
    if (Date.now() < this.#renewAtMs) return tokens.accessToken
    return this.renew(tokens.accessToken).catch((error: unknown) => {
      const isGood = Date.parse(tokens.accessTokenExpiresAt) > Date.now()
      if (this.#tokens === tokens && isGood) return tokens.accessToken
      throw error
    })
  }

  /**
   * A token in place of one that the server did not accept.
   *
   * @throws SessionEndedError when the session cannot be renewed; the client is signed out then.
   * @throws UnauthenticatedError when there is no session.
   */
  async renew(refused: string | null): Promise<string> {
    if (this.#tokens && this.#tokens.accessToken !== refused) return this.#tokens.accessToken
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  /** Begins a session, or with null ends it, on this side only. */
  async set(tokens: Tokens | null): Promise<void> {
    this.#generation++
    this.#adopt(tokens)
    this.#options.onChange(tokens)
    await this.#options.store.save(tokens)
  }

  async #load(): Promise<string | null> {
    const stored = await this.#options.store.load()
    if (this.#tokens === undefined) this.#adopt(stored)
    if (this.#tokens || !this.#options.byCookie) return this.accessToken()
    return this.renew(null).catch((error: unknown) => {
      if (error instanceof SessionEndedError) return null
      throw error
    })
  }

  async #renew(): Promise<string> {
    const before = this.#tokens
    const generation = this.#generation
    const stored = await this.#options.store.load()
    if (generation !== this.#generation) return this.#current()
    // Another tab may have renewed it meanwhile.
    if (stored && before && stored.accessToken !== before.accessToken) {
      this.#adopt(stored)
      if (Date.now() < this.#renewAtMs) return stored.accessToken
    }
    const refreshToken = this.#tokens?.refreshToken ?? null
    if (refreshToken === null && !this.#options.byCookie)
      throw new UnauthenticatedError(this.#options.refusal)
    const renewed = await this.#options.refresh(refreshToken).catch(async (error: unknown) => {
      throw this.#generation === generation ? await this.#ended(error) : error
    })
    if (generation !== this.#generation) return this.#current()
    this.#adopt(renewed)
    // A clock that is ahead calls every token old: then only the server's refusal counts.
    if (this.#renewAtMs <= Date.now()) this.#renewAtMs = Number.POSITIVE_INFINITY
    await this.#options.store.save(renewed)
    return renewed.accessToken
  }

  async #ended(error: unknown): Promise<unknown> {
    if (!(error instanceof SessionEndedError || error instanceof RefreshReusedError)) return error
    await this.set(null)
    if (error instanceof SessionEndedError) return error
    const { code, message } = error
    return new SessionEndedError(
      { __typename: 'SessionEndedError', code, message },
      { cause: error },
    )
  }

  #current(): string {
    if (this.#tokens) return this.#tokens.accessToken
    throw new UnauthenticatedError()
  }

  #adopt(tokens: Tokens | null): void {
    this.#tokens = tokens
    this.#renewAtMs = tokens
      ? Date.parse(tokens.accessTokenExpiresAt) - RENEW_BEFORE_MS
      : Number.POSITIVE_INFINITY
  }
}
