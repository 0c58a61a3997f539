import { readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createPresage, type Presage, VersionNotInstalledError } from '@presage/client'
import { expect, it, onTestFinished } from 'vitest'
import type { Api } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { type Kit, openKit } from '../kit/kit.js'
import { installLine, modelsFolder } from '../kit/line-model.js'
import { predict, readPrediction, readWallet } from '../kit/operations.js'
import type { Stack } from '../kit/stack.js'

const kits = await Promise.all([openKit(), openKit()])

const SOON = { timeout: 40_000, interval: 200 }
const WAIT = { waitMs: 30_000 }

const line = (x: number, version?: string) => ({ line: { version, features: { x } } })

/** A server and a worker that sell 1.0.0 (y = 2x, at 1 credit) from the folder `line`. */
async function stage() {
  const kit = kits.pop()
  if (!kit) throw new Error('each stage has a database of its own')
  const dir = await modelsFolder()
  await installLine(dir, { version: '1.0.0', slope: 2 }, 'line')
  const stack = await kit.stack({ env: { MODELS_DIR: dir, SHADOW_SHARE: '0' } })
  const alice = await kit.user({ balance: 100 })
  return { kit, dir, stack, alice, admin: await clientOf(kit, stack), api: stack.api(alice) }
}

async function clientOf(kit: Kit, stack: Stack): Promise<Presage> {
  const { accessToken } = await kit.user({ admin: true })
  const presage = createPresage({ url: `${stack.servers[0]?.url}/graphql` })
  onTestFinished(() => presage.close())
  const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
  await presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
  return presage
}

const statesOf = async (admin: Presage) =>
  (await admin.admin.modelVersions('line')).map(({ version, state }) => `${version} ${state}`)

const answerOf = async (api: Api, x: number, version?: string) => {
  const { prediction, ...answer } = await predict(api, line(x, version), WAIT)
  return prediction ? [prediction.output?.value, prediction.charge.captured] : answer
}

it('a version raised in its folder is sold in the place of the one that is gone', async () => {
  const { kit, dir, stack, alice, admin, api } = await stage()
  const { id: done } = (await predict(api, line(5), WAIT)).prediction
  await stack.workers[0]?.stop()
  const deadline = new Date(Date.now() + 15_000).toISOString()
  const { id: open } = (await predict(api, line(7), { deadline })).prediction
  expect(await readWallet(api)).toMatchObject({ available: 98, held: 1 })

  await installLine(dir, { version: '1.1.0', slope: 3, price: 4, max: 2000 }, 'line')
  await stack.restartServer(0)
  await stack.addWorker()
  expect(await statesOf(admin)).toEqual(['1.1.0 ON_SALE', '1.0.0 RETIRED'])
  const [newer] = await admin.admin.modelVersions('line')
  expect(newer?.changes).toMatchObject([
    {
      ...{ action: 'PROMOTED', version: '1.1.0', replaced: '1.0.0', actor: null },
      reason: '1.0.0 was on sale and is not installed any more.',
    },
    { action: 'ENTERED', replaced: null, actor: null },
  ])
  const log = await readFile(join(stack.dataDir, 'logs', 'server-1.log'), 'utf8')
  expect(log).toMatch(/"level":40.*"replaced":"1\.0\.0".*another is sold in its place/)
  expect(await answerOf(api, 5)).toEqual([15, 4])

  // Who asks for the very version that is gone is told so, and not answered by another.
  expect(await answerOf(api, 5, '1.0.0')).toMatchObject({
    __typename: 'InvalidInputError',
    issues: [{ path: ['version'], message: expect.stringContaining('not installed any more') }],
  })
  const replay = `mutation ($id: ID!) {
    replay(prediction: $id) { __typename ... on Error { code } }
  }`
  expect(await api.field(replay, { id: done })).toMatchObject({ code: 'NOT_REPLAYABLE' })
  await expect(admin.admin.rollBackModel('line', 'It is not')).rejects.toThrow(
    VersionNotInstalledError,
  )

  // What nobody can compute any more costs nothing.
  await expect
    .poll(() => readPrediction(api, open), SOON)
    .toMatchObject({ status: 'EXPIRED', charge: { held: 0, released: 1, captured: 0 } })
  expect(await readWallet(api)).toMatchObject({ available: 95, held: 0 })

  // With its folder back, one call goes back to it.
  await installLine(dir, { version: '1.0.0', slope: 2 })
  await stack.restartServer(0)
  await stack.addWorker()
  await admin.admin.rollBackModel('line', 'It is back')
  expect(await answerOf(api, 5)).toEqual([10, 1])
  expect(await ledgerFaults(kit.seeds, [alice.userId])).toEqual([])
})

it('a version that has been sold is sold again when the newer one is gone', async () => {
  const { dir, stack, admin, api } = await stage()
  await installLine(dir, { version: '1.1.0', slope: 3, max: 2000 })
  await stack.restartServer(0)
  await admin.admin.promoteModel('line', '1.1.0', 'It is better')
  await rm(join(dir, 'line@1.1.0'), { recursive: true })
  await stack.restartServer(0)
  expect(await statesOf(admin)).toEqual(['1.1.0 RETIRED', '1.0.0 ON_SALE'])
  expect(await answerOf(api, 5)).toEqual([10, 1])

  // A version that takes less than the one that is gone would refuse what its callers send.
  await installLine(dir, { version: '1.2.0', slope: 3, max: 500 }, 'narrow')
  await rm(join(dir, 'line'), { recursive: true })
  await rename(join(dir, 'narrow'), join(dir, 'line'))
  await expect(stack.addServer()).rejects.toThrow(
    /line 1\.0\.0 is on sale and not installed(.|\n)*1\.2\.0: feature x: max must be 1000 at least/,
  )
})
