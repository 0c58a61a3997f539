import { deskAccount } from '@presage/domain/desk/desk-account'
import { changePolicy } from '@presage/domain/desk/policy'
import { PROFILE_FIELDS } from '@presage/domain/desk/profile'
import { expect, it } from 'vitest'
import { openDesk } from '../../kit/desk.js'
import { openKit } from '../../kit/kit.js'
import { openPresage } from '../../kit/open-presage.js'
import { give, signIn } from '../../kit/seed-user.js'

const kit = await openKit()
const { desk, domain, admin, ...stage } = await openDesk(kit)
const stack = await kit.stack({ workers: 0, env: { MODELS: 'credit-default' } })

const MONTHS = ['2026-06-01', '2026-05-01']
const SOON = { timeout: 30_000, interval: 100 }
const clientNode = (id: string) => Buffer.from(`Client:${id}`).toString('base64')

const presageOf = async (userId: string) =>
  openPresage(stack.servers[0], await signIn(kit.seeds, userId))

it('tells which fields count and what a score costs, and asks and rescores at the price in force', async () => {
  const { userId: managerId } = await stage.manager()
  const clientId = await stage.client({ managerId }, MONTHS)
  await give(domain, clientId, 'TOP_UP', 100)
  const [boss, manager] = [await presageOf(admin.userId), await presageOf(managerId)]
  const api = stack.api(await signIn(kit.seeds, clientId))
  const told = () => api.field('{ desk { policy { version scorePrice priceNote } } }')
  const policy = { version: 1, priceNote: null }
  expect(await told()).toEqual({ policy: { ...policy, scorePrice: 5 } })
  const fields = await api.field('{ desk { profileFields { name used protected on } } }')
  const off = { used: false, protected: true, on: false }
  expect(fields).toEqual({
    profileFields: PROFILE_FIELDS.map((name) =>
      ['sex', 'age', 'maritalStatus'].includes(name)
        ? { name, ...off }
        : { name, used: false, protected: false, on: true },
    ),
  })
  const priced = { model: 'credit-default', variant: 'boosted', price: 8, reason: 'As agreed' }
  await boss.admin.setPrice(priced)
  expect(await told()).toEqual({ policy: { ...policy, scorePrice: 8 } })

  const held = async (userId: string) =>
    Number((await kit.db.prisma.wallet.findUniqueOrThrow({ where: { userId } })).held)
  await changePolicy(desk, admin, { payer: 'CLIENT' }, 'a test')
  await manager.desk.askScore(clientNode(clientId), { waitMs: 0 })
  expect(await held(clientId)).toBe(8)
  await manager.desk.runs.clients([clientNode(clientId)])
  await expect.poll(() => held(clientId), SOON).toBe(16)

  await changePolicy(desk, admin, { payer: 'DESK' }, 'a test')
  const deskId = await deskAccount(kit.db)
  await give(domain, deskId, 'TOP_UP', 100)
  await manager.desk.runs.portfolio()
  await expect.poll(() => held(deskId), SOON).toBe(8)
})
