import { createPresage } from '@presage/client'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Api } from '../kit/api.js'
import { atOnce } from '../kit/at-once.js'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import type { SeededUser } from '../kit/seed-user.js'

// What is on sale is read once, at the start: what is heard later is heard by a hint alone.
vi.mock('@presage/server/jobs/repeating', async (load) => {
  const { Repeating } = await load<typeof import('@presage/server/jobs/repeating')>()
  return {
    Repeating: class extends Repeating {
      constructor(name: string, everyMs: number, ...rest: [never, never]) {
        super(name, name === 'reading what is on sale' ? 3_600_000 : everyMs, ...rest)
      }
    },
  }
})

const kit = await openKit()
const SOON = { timeout: 10_000, interval: 50 }
const MODEL = 'credit-default'

async function adminOf(url: string, { accessToken }: SeededUser) {
  const presage = createPresage({ url: `${url}/graphql` })
  onTestFinished(() => presage.close())
  const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
  await presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
  return presage.admin
}

it('two admins’ prices at once are set one after the other, and all servers hear at once', async () => {
  const nats = await TestNats.start()
  const [one, two] = [await serve(kit, nats.url), await serve(kit, nats.url)]
  for (const { url } of [one, two])
    await expect.poll(async () => (await fetch(`${url}/ready`)).ok, SOON).toBe(true)
  const [ann, bob] = [await kit.user({ admin: true }), await kit.user({ admin: true })]
  const [anns, bobs] = [await adminOf(one.url, ann), await adminOf(two.url, bob)]
  const priced = { model: MODEL, variant: 'boosted', reason: 'a test' }
  const versions = {
    text: 'SELECT FROM model_versions WHERE model = $1 FOR UPDATE',
    values: [MODEL],
  }
  const tries = await atOnce(kit.db.pool, versions, () => [
    anns.setPrice({ ...priced, price: 8 }),
    bobs.setPrice({ ...priced, price: 9 }),
  ])
  expect(tries.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])

  const told = []
  for await (const { before, after, actor } of bobs.priceChanges(MODEL))
    told.push({ before, after, actor })
  const by = { 8: ann.userId, 9: bob.userId }
  const [last, first] = told
  expect(told).toHaveLength(2)
  expect([first?.before, first?.after]).toEqual([null, last?.before])
  expect(told.map(({ after }) => after).sort()).toEqual([8, 9])
  for (const { after, actor } of told)
    expect(Buffer.from(actor ?? '', 'base64').toString()).toBe(`Viewer:${by[after as 8 | 9]}`)

  const user = await kit.user()
  const price = (url: string) =>
    new Api(url, user.accessToken)
      .field<{ variants: { name: string; price: number }[] }>(
        `{ model(name: "${MODEL}") { variants { name price } } }`,
      )
      .then(({ variants }) => variants.find(({ name }) => name === 'boosted')?.price)
  for (const { url } of [one, two]) await expect.poll(() => price(url), SOON).toBe(last?.after)
  await anns.setPrice({ ...priced, price: 11 })
  await expect.poll(() => price(two.url), SOON).toBe(11)
})
