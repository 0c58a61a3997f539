import { createPresage, InvalidInputError, NotFoundError, type Presage } from '@presage/client'
import { expect, it, onTestFinished } from 'vitest'
import type { Api } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { openKit } from '../kit/kit.js'
import { installLine, modelsFolder } from '../kit/line-model.js'
import { predict, readPrediction, readWallet, runDraft } from '../kit/operations.js'
import { itemsOf, predictMany } from './bulk/bulk-operations.js'

const kits = await Promise.all([openKit(), openKit()])

const SOON = { timeout: 30_000, interval: 100 }
const WAIT = { waitMs: 30_000 }
const plain = { model: 'line', variant: 'plain' }

interface LineInput {
  line: { version?: string | undefined; features: { x: number } }
}

const line = (version?: string): LineInput => ({ line: { version, features: { x: 5 } } })

/** Two servers that sell 1.1.0, whose card says 4 credits, and where 1.0.0, of 1 credit, is pinned. */
async function stage(workers: number) {
  const kit = kits.pop()
  if (!kit) throw new Error('each stage has a database of its own')
  const dir = await modelsFolder()
  await installLine(dir, { version: '1.0.0', slope: 2, price: 1 })
  await installLine(dir, { version: '1.1.0', slope: 3, price: 4 })
  const stack = await kit.stack({ servers: 2, workers, env: { MODELS_DIR: dir } })
  const as = async (user: { accessToken: string }): Promise<Presage<LineInput>> => {
    const presage = createPresage<LineInput>({ url: `${stack.servers[0]?.url}/graphql` })
    onTestFinished(() => presage.close())
    const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
    const { accessToken } = user
    await presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
    return presage
  }
  const alice = await kit.user({ balance: 10_000_000 })
  const boss = await kit.user({ admin: true })
  const { admin } = await as(boss)
  const apis = [stack.api(alice), stack.api(alice, 1)] as const
  return { kit, stack, alice, boss, admin, user: await as(alice), api: apis[0], other: apis[1] }
}

const pricesOf = async (api: Api) => {
  const query = '{ model(name: "line") { variants { price cardPrice } } }'
  return (await api.field<{ variants: object[] }>(query)).variants[0]
}

const paid = async (api: Api, version?: string, run: { quote?: string } = {}) => {
  const { prediction } = await predict(api, line(version), { ...WAIT, ...run })
  return prediction.charge.captured
}

it('a price that is set is charged by every server for every version, and the card’s again', async () => {
  const { kit, alice, boss, admin, user, api, other } = await stage(1)
  expect(await pricesOf(other)).toEqual({ price: 4, cardPrice: 4 })
  const quoted = await user.quote(line())
  const { prediction: draft, quote: drafted } = await user.drafts.create(line())
  const late = await user.drafts.create(line())

  const change = await admin.setPrice({ ...plain, price: 7, reason: ' Power is dear ' })
  expect(change).toMatchObject({ before: null, after: 7, reason: 'Power is dear' })
  expect(await pricesOf(api)).toEqual({ price: 7, cardPrice: 4 })
  await expect.poll(() => pricesOf(other), SOON).toEqual({ price: 7, cardPrice: 4 })
  for (const each of [api, other]) {
    expect(await paid(each)).toBe(7)
    expect(await paid(each, '1.0.0')).toBe(7)
  }
  const { bulk } = await predictMany(other, [line(), line('1.0.0')])
  expect(bulk).toMatchObject({ charge: { price: 14 } })
  expect((await user.quote(line())).price).toBe(7)

  // What was promised is kept by either server; a draft is run at the price of that moment.
  expect(quoted.price).toBe(4)
  expect(await paid(other, undefined, { quote: quoted.id })).toBe(4)
  const promised = await runDraft(other, draft.id, { ...WAIT, quote: drafted.id })
  expect(promised.prediction.charge).toMatchObject({ price: 4, captured: 4 })
  const run = await runDraft(other, late.prediction.id, WAIT)
  expect(run.prediction.charge).toMatchObject({ price: 7, captured: 7 })

  expect(await admin.setPrice({ ...plain, price: 7, reason: 'Again' })).toBeNull()
  await admin.setPrice({ ...plain, price: 0, reason: 'A gift' })
  await expect.poll(() => pricesOf(other), SOON).toMatchObject({ price: 0 })
  expect(await paid(other)).toBe(0)
  await admin.setPrice({ ...plain, price: 1_000_000, reason: 'A joke' })
  expect(await paid(api)).toBe(1_000_000)
  await admin.setPrice({ ...plain, price: null, reason: 'As printed' })
  await expect.poll(() => pricesOf(other), SOON).toEqual({ price: 4, cardPrice: 4 })
  expect([await paid(other), await paid(other, '1.0.0')]).toEqual([4, 1])

  const told = []
  for await (const each of admin.priceChanges('line', { pageSize: 3 })) told.push(each)
  expect(told.map(({ before, after, reason }) => [before, after, reason])).toEqual([
    [1_000_000, null, 'As printed'],
    [0, 1_000_000, 'A joke'],
    [7, 0, 'A gift'],
    [null, 7, 'Power is dear'],
  ])
  const actor = Buffer.from(`Viewer:${boss.userId}`).toString('base64')
  expect(new Set(told.map((each) => each.actor))).toEqual(new Set([actor]))
  const forged = kit.db.pool.query('UPDATE price_changes SET after = 1')
  await expect(forged).rejects.toThrow('append-only')
  await expect.poll(async () => (await readWallet(api)).held, SOON).toBe(0)
  expect(await ledgerFaults(kit.seeds, [alice.userId])).toEqual([])
})

it('what is open keeps its price, a server that starts knows it, and others may set none', async () => {
  const { kit, stack, admin, user, api } = await stage(0)
  const { id } = (await predict(api, line())).prediction
  const { bulk } = await predictMany(api, [line()])
  await admin.setPrice({ ...plain, price: 9, reason: 'While jobs wait' })
  const late = (await predict(api, line())).prediction
  expect(late.charge).toMatchObject({ price: 9, held: 9 })
  await stack.addServer()
  expect(await pricesOf(stack.api(await kit.user(), 2))).toEqual({ price: 9, cardPrice: 4 })
  await stack.addWorker()
  const chargeOf = async (each: string) => (await readPrediction(api, each))?.charge
  await expect.poll(() => chargeOf(id), SOON).toMatchObject({ price: 4, captured: 4 })
  await expect.poll(() => chargeOf(late.id), SOON).toMatchObject({ price: 9, captured: 9 })
  const [item] = await itemsOf(api, bulk.id)
  const ofBulk = item?.result.id ?? ''
  await expect.poll(() => chargeOf(ofBulk), SOON).toMatchObject({ price: 4, captured: 4 })

  const why = { reason: 'Why not' }
  for (const price of [-1, 1_000_001])
    await expect(admin.setPrice({ ...plain, ...why, price })).rejects.toThrow(InvalidInputError)
  for (const reason of [' ', 'x'.repeat(501)])
    await expect(admin.setPrice({ ...plain, price: 1, reason })).rejects.toThrow(InvalidInputError)
  for (const unknown of [{ variant: 'golden' }, { model: 'circle' }])
    await expect(admin.setPrice({ ...plain, ...why, price: 1, ...unknown })).rejects.toThrow(
      NotFoundError,
    )
  const unsaid: unknown = { ...plain, ...why }
  await expect(admin.setPrice(unsaid as Parameters<typeof admin.setPrice>[0])).rejects.toThrow(
    InvalidInputError,
  )
  const forbidden = { code: 'FORBIDDEN' }
  await expect(user.admin.setPrice({ ...plain, ...why, price: 0 })).rejects.toMatchObject(forbidden)
  await expect(user.admin.priceChanges('line').next()).rejects.toMatchObject(forbidden)
  expect(await pricesOf(api)).toEqual({ price: 9, cardPrice: 4 })
  expect(await kit.db.prisma.priceChange.count()).toBe(1)
})
