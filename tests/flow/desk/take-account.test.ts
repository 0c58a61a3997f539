import { actOnUser } from '@presage/domain/admin/act-on-user'
import { createClient } from '@presage/domain/desk/create-client'
import { createManager } from '@presage/domain/desk/create-manager'
import { dismissManager } from '@presage/domain/desk/dismiss-manager'
import { readManagerEdits } from '@presage/domain/desk/edit-manager'
import { AlreadyThereError } from '@presage/domain/desk/errors'
import { readEdits } from '@presage/domain/desk/notes'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { ensureAdmin } from '@presage/domain/identity/ensure-admin'
import { EmailTakenError, RoleConflictError } from '@presage/domain/identity/errors'
import { hashPassword } from '@presage/domain/identity/password-hash'
import { readRoles } from '@presage/domain/identity/roles'
import { describe, expect, it } from 'vitest'
import { accountHeld, atOnce } from '../../kit/at-once.js'
import { openDesk } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { give } from '../../kit/seed-user.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const { prisma } = kit.db
const page = { limit: 50, inverted: false }
const named = { firstName: 'Lin', lastName: 'Moss' }

async function account({ password, ...seed }: { admin?: boolean; password?: string } = {}) {
  const { userId } = await kit.user(seed)
  if (password !== undefined) {
    const passwordHash = await hashPassword(password)
    await prisma.user.update({ where: { id: userId }, data: { passwordHash } })
  }
  return prisma.user.findUniqueOrThrow({ where: { id: userId } })
}

type Account = Awaited<ReturnType<typeof account>>
type More = Partial<Parameters<typeof createClient>[2]>
const asClient = ({ id, email }: Account, more: More = {}) =>
  createClient(desk, admin, { email, existingAccountId: id, profile: named, ...more })
const asManager = ({ id, email }: Account) =>
  createManager(desk, admin, { email, existingAccountId: id, ...named })

it('makes an account that is named a client’s, with its wallet and password as they are', async () => {
  const user = await account()
  await give(kit.seeds, user.id, 'TOP_UP', 7)
  const [manager, line] = [await stage.manager(), { creditLimit: 9, annualRate: 0.1 }]
  const terms = { ...line, amountTotal: 1, currency: 'TWD' as const }
  const email = user.email.toUpperCase()
  const client = await asClient(user, { email, managerId: manager.userId, line: terms })
  expect(client).toMatchObject({ userId: user.id, email: user.email, managerId: manager.userId })
  expect(await prisma.user.findUnique({ where: { id: user.id } })).toEqual(user)
  const wallet = await prisma.wallet.findUniqueOrThrow({ where: { userId: user.id } })
  expect(Number(wallet.balance)).toBeGreaterThanOrEqual(7)
  expect(await as(user.id)).toMatchObject({ isClient: true })
  expect(await readEdits(desk, admin, [user.id], page)).toMatchObject([
    { field: 'existingAccount', before: null, after: true, actorId: admin.userId },
  ])
  await expect(asClient(user)).rejects.toThrow(AlreadyThereError)
  await expect(asManager(user)).rejects.toThrow(AlreadyThereError)
})

it('and a manager’s', async () => {
  const user = await account()
  expect(await asManager(user)).toMatchObject({ userId: user.id, email: user.email })
  expect(await as(user.id)).toMatchObject({ isManager: true })
  expect(await readManagerEdits(desk, admin, [user.id], page)).toMatchObject([
    { field: 'existingAccount', after: 'true', actorId: admin.userId },
  ])
  await expect(asManager(user)).rejects.toThrow(AlreadyThereError)
  await expect(asClient(user)).rejects.toThrow(AlreadyThereError)
})

it('never by the e-mail alone, nor by the id alone, nor with another password', async () => {
  const [user, other] = [await account(), await account()]
  const silent = createClient(desk, admin, { email: user.email, profile: named })
  await expect(silent).rejects.toThrow(EmailTakenError)
  await expect(asClient({ ...user, email: other.email })).rejects.toThrow(NotFoundError)
  await expect(asManager({ ...user, email: other.email })).rejects.toThrow(NotFoundError)
  await expect(asClient(user, { password: 'long enough a one' })).rejects.toThrow(InvalidInputError)
  expect(await as(user.id)).toMatchObject({ isClient: false, isManager: false })
  const byManager = createClient(desk, await stage.manager(), {
    ...{ email: user.email, existingAccountId: user.id, profile: named },
  })
  await expect(byManager).rejects.toThrow('Only an admin')
})

it('refuses an account that is disabled, deleted or an admin’s', async () => {
  const [disabled, deleted, boss] = [
    await account(),
    await account(),
    await account({ admin: true }),
  ]
  const at = new Date()
  await prisma.user.update({ where: { id: disabled.id }, data: { disabledAt: at } })
  await prisma.user.update({ where: { id: deleted.id }, data: { deletedAt: at } })
  for (const attach of [asClient, asManager]) {
    await expect(attach(disabled)).rejects.toThrow(InvalidInputError)
    await expect(attach(deleted)).rejects.toThrow(NotFoundError)
    await expect(attach(boss)).rejects.toThrow(InvalidInputError)
  }
  const ids = [disabled.id, deleted.id, boss.id]
  expect(await prisma.client.count({ where: { userId: { in: ids } } })).toBe(0)
  expect(await prisma.manager.count({ where: { userId: { in: ids } } })).toBe(0)
})

it('of several admins at once all but one are told that it is there', async () => {
  const user = await account()
  const tries = await atOnce<unknown>(kit.db.pool, accountHeld(user.id), () => [
    ...[asClient(user), asManager(user), asClient(user)],
  ])
  const lost = tries.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
  expect(lost).toHaveLength(2)
  for (const error of lost) expect(error).toBeInstanceOf(AlreadyThereError)
})

describe('an admin', () => {
  const { identity } = desk.domain
  const password = 'long enough a password'
  const grant = (userId: string) =>
    actOnUser(identity, {
      ...{ actorId: admin.userId, userId, kind: 'GRANT_ADMIN' as const, reason: 'a test' },
    })
  const ensure = (_: string, email: string) => ensureAdmin(identity, { email, password })

  it('is made of no client’s account nor a manager’s, but of who was one', async () => {
    const [client, manager] = [await account({ password }), await account({ password })]
    await asClient(client)
    await asManager(manager)
    for (const { id, email } of [client, manager]) {
      await expect(grant(id)).rejects.toThrow(RoleConflictError)
      await expect(ensure(id, email)).rejects.toThrow(RoleConflictError)
    }
    expect(await prisma.adminAction.count({ where: { userId: client.id } })).toBe(0)
    const users = { id: { in: [client.id, manager.id] }, isAdmin: true }
    expect(await prisma.user.count({ where: users })).toBe(0)
    await dismissManager(desk, admin, manager.id, null)
    expect((await grant(manager.id)).user.isAdmin).toBe(true)
  })

  it('is made or refused when the account becomes a client’s at the same moment', async () => {
    for (const promote of [grant, ensure]) {
      const user = await account({ password })
      const tries = await atOnce<unknown>(kit.db.pool, accountHeld(user.id), () => [
        ...[asClient(user), promote(user.id, user.email)],
      ])
      expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const roles = await readRoles(kit.db, user.id)
      expect(roles.filter((role) => role !== 'USER')).toHaveLength(1)
    }
  })
})
