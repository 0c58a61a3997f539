import { createClient } from '@presage/domain/desk/create-client'
import { createManager } from '@presage/domain/desk/create-manager'
import { readManagerEdits } from '@presage/domain/desk/edit-manager'
import { AlreadyThereError } from '@presage/domain/desk/errors'
import { readEdits } from '@presage/domain/desk/notes'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { EmailTakenError } from '@presage/domain/identity/errors'
import { expect, it } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { give } from '../../kit/seed-user.js'

const kit = await openKit()
const { desk, admin, as, ...stage } = await openDesk(kit)
const { prisma } = kit.db
const page = { limit: 50, inverted: false }
const named = { firstName: 'Lin', lastName: 'Moss' }

async function account(more: { admin?: boolean } = {}) {
  const { userId } = await kit.user(more)
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

it('of two admins at once one is told that it is there', async () => {
  const user = await account()
  const results = await Promise.allSettled([asClient(user), asManager(user), asClient(user)])
  const lost = results.flatMap((it) => (it.status === 'rejected' ? [it.reason] : []))
  expect(lost).toHaveLength(2)
  for (const error of lost) expect(error).toBeInstanceOf(AlreadyThereError)
})
