import { randomBytes } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import { parseCredentials } from '../identity/credentials.js'
import { EmailTakenError } from '../identity/errors.js'
import { hashPassword, NOBODYS_HASH } from '../identity/password-hash.js'
import { checked } from './checked.js'
import type { DeskClient } from './client.js'
import { isConstraint } from './constraint.js'
import { type NewLine, newLine } from './credit-line.js'
import type { Desk } from './desk.js'
import { deskChanged } from './desk-changed.js'
import { type DeskViewer, requireAdmin } from './desk-viewer.js'
import { findClient } from './find-clients.js'
import { insertClients } from './insert-clients.js'
import { type NewProfile, parseProfile } from './profile.js'
import { requireActiveManager } from './require-manager.js'

/** Who becomes a client; without a password nobody can enter the account. */
export interface NewClient {
  email: string
  password?: string | null | undefined
  profile: NewProfile
  managerId?: string | null | undefined
  line?: NewLine | null | undefined
}

/** A password that nobody knows passes for one, so that the e-mail is checked as any other. */
export async function newAccount({ email, password }: Pick<NewClient, 'email' | 'password'>) {
  const credentials = { email, password: password ?? randomBytes(24).toString('base64url') }
  const { email: accepted } = parseCredentials(credentials)
  const passwordHash = password == null ? NOBODYS_HASH : await hashPassword(password)
  return { email: accepted, passwordHash }
}

/**
 * Opens an account with an empty wallet, and makes it a client's.
 *
 * @throws DeskForbiddenError, InvalidInputError, EmailTakenError, NotFoundError, ManagerDismissedError
 */
export async function createClient(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { profile, managerId = null, line, ...account }: NewClient,
): Promise<DeskClient> {
  requireAdmin(me)
  const { db, identity } = desk.domain
  const parsed = parseProfile(profile)
  const terms = line ? { id: uuidv7(), ...checked(newLine, line) } : null
  const { email, passwordHash } = await newAccount(account)
  if (managerId !== null) await requireActiveManager(db.prisma, managerId)
  const id = uuidv7()
  const createdAt = identity.now()
  const person = { id, email, passwordHash, managerId, createdAt, line: terms }
  await insertClients(db.pool, [{ ...person, profile: parsed, months: [] }]).catch(
    (error: unknown) => {
      throw isConstraint(error, 'users_email_key_key') ? new EmailTakenError() : error
    },
  )
  deskChanged(desk, [id, managerId])
  return findClient(desk, me, id)
}
