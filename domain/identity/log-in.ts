import type { Db } from '@presage/prisma/client'
import { admit } from './admit.js'
import { type Credentials, emailKey, type Origin, plausible } from './credentials.js'
import { LoginFailedError, TotpInvalidError, TotpRequiredError } from './errors.js'
import type { Identity } from './identity.js'
import {
  countLogin,
  forgiveLogin,
  type ThrottleKeys,
  throttleKeys,
  uncountLogin,
} from './login-throttle.js'
import { networkOf } from './network-of.js'
import { verifyPassword } from './password-hash.js'
import type { SessionTokens } from './session-tokens.js'
import { takeCode } from './take-code.js'

interface Account {
  id: string
  passwordHash: string
  isKnown: boolean
  hasTotp: boolean
}

/**
 * Begins a session.
 *
 * @param raw with the code of the second factor, where the account has one.
 * @throws LoginFailedError after the same work whether the account exists or not.
 * @throws AccountDisabledError only when the password was right.
 * @throws RateLimitedError when the account or the address has failed too often.
 * @throws TotpRequiredError, TotpInvalidError after the right password only.
 */
export async function logIn(
  identity: Identity,
  raw: Credentials & { code?: string | null | undefined },
  origin: Origin,
): Promise<SessionTokens> {
  const key = emailKey(raw.email)
  const network = networkOf(origin.address)
  const account = plausible(raw) ? await findAccount(identity.db, key, network) : undefined
  const keys = throttleKeys({ emailKey: key, network, apart: account?.isKnown ? network : null })
  await countLogin(identity, keys)
  const isRight = await verifyPassword(account?.passwordHash, raw.password)
  if (!account || !isRight) throw new LoginFailedError()
  if (account.hasTotp) await checkCode(identity, account.id, raw.code ?? null, keys)
  await forgiveLogin(identity, keys)
  return admit(identity, account, origin)
}

async function checkCode(
  identity: Identity,
  userId: string,
  code: string | null,
  keys: ThrottleKeys,
): Promise<void> {
  if (code === null) {
    // Nothing was guessed. The account's other failures stay: they may be guesses at codes.
    await uncountLogin(identity, keys)
    throw new TotpRequiredError()
  }
  if (!(await takeCode(identity, userId, code))) throw new TotpInvalidError()
}

const find = {
  name: 'find_account',
  text: `
    SELECT id, password_hash AS "passwordHash",
      EXISTS (SELECT FROM sessions s WHERE s.user_id = users.id AND s.address = $2) AS "isKnown",
      EXISTS (
        SELECT FROM totp_factors f WHERE f.user_id = users.id AND f.confirmed_at IS NOT NULL
      ) AS "hasTotp"
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
