import type { Db } from '@presage/prisma/client'
import type { TotpRole } from '../viewer.js'
import type { Access } from './access-token.js'
import type { KeyAccess } from './api-key-text.js'
import { KeyRequests } from './key-requests.js'
import { KeyUses } from './key-uses.js'
import { type LiveKey, loadApiKeys } from './load-api-keys.js'
import { loadSessions } from './load-sessions.js'
import type { ThrottleLimits } from './login-throttle.js'
import { LruMap } from './lru-map.js'
import type { RegistrationLimit } from './registration-throttle.js'
import { SessionCache } from './session-cache.js'
import type { TokenKeys } from './token-keys.js'

/** What the functions of this room work with; made once for each server by {@link createIdentity}. */
export interface Identity {
  readonly db: Db
  readonly tokens: TokenKeys
  /** Encrypts what has to be read again, such as second factors; null = there are none. */
  readonly dataKeys: TokenKeys | null
  /** Whole credits. */
  readonly signUpBonus: number
  readonly throttle: ThrottleLimits
  readonly registrations: RegistrationLimit
  readonly verified: LruMap<string, Access>
  readonly sessions: SessionCache
  /** Texts of API keys that were parsed before. */
  readonly knownKeys: LruMap<string, KeyAccess>
  readonly apiKeys: SessionCache<LiveKey>
  readonly keyRequests: KeyRequests
  readonly keyUses: KeyUses
  /** Called after a session, or an API key, was ended here, so that the other servers can be told. */
  readonly onSessionEnded: (sessionId: string) => void
  readonly now: () => Date
}

export interface IdentityOptions {
  db: Db
  tokens: TokenKeys
  dataKeys?: TokenKeys | null
  /** Roles that need a second factor; none by default. */
  totpRoles?: readonly TotpRole[]
  signUpBonus?: number
  throttle?: ThrottleLimits
  registrations?: RegistrationLimit
  onSessionEnded?: (sessionId: string) => void
  /** The clock of every lifetime and window. Servers' clocks may differ by well under the 10 s grace. */
  now?: () => Date
}

const MAX_TOKENS = 10_000

/** Ten wrong passwords for an account and a hundred from an address, in a quarter of an hour. */
const defaultThrottle: ThrottleLimits = {
  account: { failures: 10, windowMs: 15 * 60_000 },
  address: { failures: 100, windowMs: 15 * 60_000 },
}

/** A hundred accounts from an address in an hour: a class-room registers at once, a robot for long. */
const defaultRegistrations: RegistrationLimit = { attempts: 100, windowMs: 60 * 60_000 }

/** Puts the room together. */
export function createIdentity(options: IdentityOptions): Identity {
  const now = options.now ?? (() => new Date())
  const totpRoles = options.totpRoles ?? []
  return {
    db: options.db,
    tokens: options.tokens,
    dataKeys: options.dataKeys ?? null,
    signUpBonus: options.signUpBonus ?? 50,
    throttle: options.throttle ?? defaultThrottle,
    registrations: options.registrations ?? defaultRegistrations,
    verified: new LruMap(MAX_TOKENS),
    sessions: new SessionCache((ids) => loadSessions(options.db.pool, ids, totpRoles, now()), now),
    knownKeys: new LruMap(MAX_TOKENS),
    apiKeys: new SessionCache((ids) => loadApiKeys(options.db.pool, ids), now),
    keyRequests: new KeyRequests(now),
    keyUses: new KeyUses(),
    onSessionEnded: options.onSessionEnded ?? (() => {}),
    now,
  }
}
