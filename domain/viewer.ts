/** What an API key may be used for: to pay for predictions, to look at what is the user's, to follow the log. */
export const API_KEY_SCOPES = ['PREDICT', 'READ', 'LOG'] as const
export type ApiKeyScope = (typeof API_KEY_SCOPES)[number]

/** What a caller with an API key is held to. */
export interface KeyRights {
  readonly scopes: readonly ApiKeyScope[]
  readonly requestsPerMinute: number
}

/** What a second factor can be required for. */
export const TOTP_ROLES = ['USER', 'MANAGER', 'ADMIN'] as const
export type TotpRole = (typeof TOTP_ROLES)[number]

/** Who is calling: an account through one of its sessions or API keys. */
export interface Viewer {
  readonly userId: string
  /** Of the session, or of the API key. */
  readonly sessionId: string
  readonly email: string
  /** Never true of an API key: no key administers. */
  readonly isAdmin: boolean
  /** Absent = a person's session, which may do all that its user may. */
  readonly apiKey?: KeyRights | undefined
  /** The user's role needs a second factor and there is none: enrolling one is all that is open. */
  readonly mustEnrol?: boolean | undefined
}

/** The API key that is calling; null = a person is. */
export const apiKeyIdOf = ({ apiKey, sessionId }: Viewer): string | null =>
  apiKey ? sessionId : null
