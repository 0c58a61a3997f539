import type { Db } from '@presage/prisma/client'
import { admit } from './admit.js'
import { type Credentials, emailKey, type Origin, plausible } from './credentials.js'
import { LoginFailedError } from './errors.js'
import type { Identity } from './identity.js'
import { countLogin, forgiveLogin, throttleKeys } from './login-throttle.js'
import { networkOf } from './network-of.js'
import { verifyPassword } from './password-hash.js'
import type { SessionTokens } from './session-tokens.js'

interface Account {
  id: string
  passwordHash: string
  isKnown: boolean
}

/**
 * Begins a session.
 *
 * @throws LoginFailedError after the same work whether the account exists or not.
 * @throws AccountDisabledError only when the password was right.
 * @throws RateLimitedError when the account or the address has failed too often.
 */
export async function logIn(
  identity: Identity,
  raw: Credentials,
  origin: Origin,
): Promise<SessionTokens> {
  const key = emailKey(raw.email)
  const network = networkOf(origin.address)
  const account = plausible(raw) ? await findAccount(identity.db, key, network) : undefined
  const keys = throttleKeys({ emailKey: key, network, isKnown: account?.isKnown ?? false })
  await countLogin(identity, keys)
  const isRight = await verifyPassword(account?.passwordHash, raw.password)
  if (!account || !isRight) throw new LoginFailedError()
  await forgiveLogin(identity, keys)
  return admit(identity, account, origin)
}

const find = {
  name: 'find_account',
  text: `
    SELECT id, password_hash AS "passwordHash",
      EXISTS (SELECT FROM sessions s WHERE s.user_id = users.id AND s.address = $2) AS "isKnown"
    FROM users WHERE email_key = $1`,
}

/** The account of an e-mail, and whether it was used from this network before. */
export async function findAccount(
  db: Db,
  key: string,
  network: string,
): Promise<Account | undefined> {
  return (await db.pool.query<Account>({ ...find, values: [key, network] })).rows[0]
}
