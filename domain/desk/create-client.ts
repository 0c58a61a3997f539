import { randomBytes } from 'node:crypto'
import type { Tx } from '@presage/prisma/client'
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
import { insertClients, type NewPerson } from './insert-clients.js'
import { type NewProfile, parseProfile } from './profile.js'
import { requireActiveManager } from './require-manager.js'
import { type ExistingAccount, takeAccount } from './take-account.js'

/** Who becomes a client; without a password nobody can enter the account. */
export interface NewClient {
  email: string
  password?: string | null | undefined
  /** Whose account it is, and has this e-mail; left out = one is opened. */
  existingAccountId?: string | null | undefined
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

type NewAccount = Pick<NewClient, 'email' | 'password' | 'existingAccountId'>
type Facts = Omit<NewPerson, 'id' | 'email' | 'passwordHash' | 'isExisting'>

/**
 * Makes an account a client's: a new one with an empty wallet, or, if its id is named, one that is there.
 *
 * @throws DeskForbiddenError, InvalidInputError, EmailTakenError, NotFoundError, ManagerDismissedError,
 * AlreadyThereError
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
  if (managerId !== null) await requireActiveManager(db.prisma, managerId)
  const createdAt = identity.now()
  const facts = { managerId, createdAt, line: terms, profile: parsed, months: [] }
  const id = await write(desk, me, account, facts)
  deskChanged(desk, [id, managerId])
  return findClient(desk, me, id)
}

async function write(
  { domain: { db } }: Pick<Desk, 'domain'>,
  me: DeskViewer,
  { existingAccountId, ...account }: NewAccount,
  facts: Facts,
): Promise<string> {
  if (existingAccountId != null)
    return db.prisma.$transaction((tx) => attach(tx, me, { ...account, existingAccountId }, facts))
  const person = { id: uuidv7(), ...(await newAccount(account)), ...facts }
  await insertClients(db.pool, [person]).catch((error: unknown) => {
    throw isConstraint(error, 'users_email_key_key') ? new EmailTakenError() : error
  })
  return person.id
}

/** The trail tells who joined the two. */
async function attach(
  tx: Tx,
  { userId: actorId }: DeskViewer,
  account: ExistingAccount,
  facts: Facts,
): Promise<string> {
  const { id, email } = await takeAccount(tx, account)
  const within = {
    query: (text: string, values: unknown[]) => tx.$executeRawUnsafe(text, ...values),
  }
  await insertClients(within, [{ id, email, isExisting: true, ...facts }])
  const edit = { clientId: id, actorId, field: 'existingAccount', after: true }
  await tx.clientEdit.create({ data: { id: uuidv7(), ...edit } })
  return id
}
