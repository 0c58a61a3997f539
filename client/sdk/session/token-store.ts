/** What a session needs to go on. */
export interface Tokens {
  accessToken: string
  /** ISO 8601. */
  accessTokenExpiresAt: string
  /** Good for one refresh; null = the browser has it in a cookie. */
  refreshToken: string | null
}

/** Where tokens are kept, for example so that a second tab or the next run goes on with them. */
export interface TokenStore {
  load(): Tokens | null | Promise<Tokens | null>
  /** null = signed out */
  save(tokens: Tokens | null): void | Promise<void>
}

/** Keeps tokens for as long as the program runs. */
export function memoryStore(): TokenStore {
  let kept: Tokens | null = null
  return {
    load: () => kept,
    save(tokens) {
      kept = tokens
    },
  }
}
