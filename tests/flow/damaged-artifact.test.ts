import { readFileSync } from 'node:fs'
import { appendFile, cp } from 'node:fs/promises'
import { join } from 'node:path'
import { createPresage } from '@presage/client'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { expect, it, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import { ACCOUNT } from '../kit/account.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { openKit } from '../kit/kit.js'
import { bioAge, predict, readPrediction, readWallet } from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })

const SOON = { timeout: 30_000, interval: 100 }
const WAIT = { waitMs: 30_000 }
const MODELS = ['bio-age', 'credit-default']
/** Enough that each of two workers would get some. */
const CALLS = 16

const account = { creditDefault: { variant: 'BOOSTED', features: ACCOUNT } }

async function operations() {
  const { accessToken } = await kit.user({ admin: true })
  const url = `${stack.servers[0]?.url}/graphql`
  const presage = createPresage({ url, webSocketImpl: WebSocket })
  onTestFinished(() => presage.close())
  const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
  await presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
  return presage.operations
}

/** A folder of two models as they are shipped, but for one byte of the trees of credit-default. */
async function damagedModels(): Promise<string> {
  const dir = join(stack.dataDir, 'damaged-models')
  for (const name of MODELS) await cp(join(MODELS_DIR, name), join(dir, name), { recursive: true })
  await appendFile(join(dir, 'credit-default', 'boosted.json'), ' ')
  return dir
}

await stack.addWorker({ MODELS_DIR: await damagedModels() })
const sound = await stack.addWorker({ MODELS: MODELS.join() })

const logOf = (worker: string) => readFileSync(join(stack.dataDir, 'logs', `${worker}.log`), 'utf8')

it('is refused by the worker that has it, which says so in its log and to admins', async () => {
  const reason = /boosted\.json cannot be used: its sha256 is .* restore the file/
  expect(logOf('worker-1')).toMatch(reason)
  const office = await operations()
  await vi.waitFor(async () => {
    const { workers } = await office.read()
    expect(workers).toMatchObject([
      {
        name: 'worker-1',
        models: [{ model: 'bio-age', version: '1.0.0' }],
        refused: [
          { model: 'credit-default', version: '1.0.0', reason: expect.stringMatching(reason) },
        ],
      },
      { name: 'worker-2', refused: [] },
    ])
    expect(workers[1]?.models).toContainEqual({ model: 'credit-default', version: '1.0.0' })
  }, SOON)
})

it('costs nobody a prediction while another worker has the model', async () => {
  const api = stack.api(await kit.user({ balance: 200 }))
  const calls = Array.from({ length: CALLS }, () => predict(api, account, WAIT))
  const statuses = (await Promise.all(calls)).map(({ prediction }) => prediction.status)
  expect(statuses).toEqual(calls.map(() => 'SUCCEEDED'))
  expect(await readWallet(api)).toMatchObject({ available: 200 - 5 * CALLS, held: 0 })
})

it('leaves predictions waiting when no other has it, until their deadline gives all back', async () => {
  await sound.stop()
  const user = await kit.user({ balance: 20 })
  const api = stack.api(user)
  const deadline = new Date(Date.now() + 6000).toISOString()
  const { prediction } = await predict(api, account, { deadline })
  expect((await predict(api, bioAge(), WAIT)).prediction.status).toBe('SUCCEEDED')
  expect(await readPrediction(api, prediction.id)).toMatchObject({
    ...{ status: 'QUEUED', charge: { held: 5, captured: 0 } },
  })
  await vi.waitFor(async () => {
    expect(await readPrediction(api, prediction.id)).toMatchObject({
      ...{ status: 'EXPIRED', failure: { code: 'EXPIRED' } },
      charge: { held: 0, captured: 0, released: 5 },
    })
  }, SOON)
  expect(await readWallet(api)).toMatchObject({ held: 0 })
  expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
})
