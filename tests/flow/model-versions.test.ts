import { randomUUID } from 'node:crypto'
import { createPresage, NothingToRollBackError, type Presage } from '@presage/client'
import { eraseAccount } from '@presage/domain/privacy/erase-account'
import { expect, it, onTestFinished } from 'vitest'
import type { Api } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { failed } from '../kit/hand-worker.js'
import { type Kit, openKit } from '../kit/kit.js'
import { installLine, modelsFolder } from '../kit/line-model.js'
import { predict, readHistory, readPrediction, readWallet, rowIdOf } from '../kit/operations.js'
import type { Stack } from '../kit/stack.js'
import { itemsOf, predictMany } from './bulk/bulk-operations.js'

const kits = await Promise.all([openKit(), openKit(), openKit(), openKit()])

const SOON = { timeout: 30_000, interval: 100 }
const WAIT = { waitMs: 30_000 }

const line = (x: number, version?: string) => ({ line: { version, features: { x } } })

/** Two servers that sold 1.0.0 (y = 2x) when 1.1.0 (y = 3x, dearer) was dropped in beside it. */
async function stage(workers: number) {
  const kit = kits.pop()
  if (!kit) throw new Error('each stage has a database of its own')
  const dir = await modelsFolder()
  await installLine(dir, { version: '1.0.0', slope: 2 })
  const env = { MODELS_DIR: dir, SHADOW_SHARE: '1' }
  const stack = await kit.stack({ servers: 1, workers: 0, env })
  await installLine(dir, { version: '1.1.0', slope: 3, price: 4 })
  await stack.restartServer(0)
  await stack.addServer()
  for (let i = 0; i < workers; i++) await stack.addWorker()
  const alice = await kit.user({ balance: 100 })
  const admin = await clientOf(kit, stack)
  return { kit, dir, stack, alice, admin, api: stack.api(alice), other: stack.api(alice, 1) }
}

async function clientOf(kit: Kit, stack: Stack): Promise<Presage> {
  const { accessToken } = await kit.user({ admin: true })
  const presage = createPresage({ url: `${stack.servers[0]?.url}/graphql` })
  onTestFinished(() => presage.close())
  const accessTokenExpiresAt = new Date(Date.now() + 600_000).toISOString()
  await presage.setTokens({ accessToken, accessTokenExpiresAt, refreshToken: null })
  return presage
}

const versionOf = (api: Api) =>
  api.field<{ version: string }>('{ model(name: "line") { version } }')

const statesOf = async (admin: Presage) =>
  (await admin.admin.modelVersions('line')).map(({ version, state }) => `${version} ${state}`)

const runsOf = async (admin: Presage, version: string) =>
  (await admin.admin.modelVersions('line')).find((it) => it.version === version)?.comparison

const answerOf = async (api: Api, x: number, version?: string) => {
  const { prediction, ...answer } = await predict(api, line(x, version), WAIT)
  return prediction ? [prediction.output?.value, prediction.charge.captured] : answer
}

it('a new version is tried unbilled, then promoted on all servers, pinned and rolled back', async () => {
  const { kit, alice, stack, admin, api, other } = await stage(1)
  expect(await statesOf(admin)).toEqual(['1.1.0 SHADOW', '1.0.0 ON_SALE'])
  // Nobody can ask for what no admin has promoted.
  expect(await answerOf(api, 1, '1.1.0')).toMatchObject({
    __typename: 'InvalidInputError',
    issues: [{ path: ['version'] }],
  })
  // At 0.2 the two lines differ by less than the card's tolerance of 0.5.
  for (const x of [0.2, 5, 7]) expect(await answerOf(api, x)).toEqual([2 * x, 1])
  await expect.poll(() => runsOf(admin, '1.1.0'), SOON).toMatchObject({ runs: 3, compared: 3 })
  const compared = await runsOf(admin, '1.1.0')
  expect(compared).toMatchObject({ failed: 0, agreeing: 1, labelsDiffering: null })
  expect(compared?.largestDifference).toBeCloseTo(7, 9)
  expect(compared?.meanDifference).toBeCloseTo((0.2 + 5 + 7) / 3, 9)
  expect(await readWallet(api)).toMatchObject({ available: 97, held: 0 })
  expect((await readHistory(api, { first: 10 })).nodes).toHaveLength(3)

  const { id: old } = (await predict(api, line(1), WAIT)).prediction
  const { change, versions } = await admin.admin.promoteModel('line', '1.1.0', 'It is better')
  expect(change).toMatchObject({ action: 'PROMOTED', replaced: '1.0.0', reason: 'It is better' })
  expect(versions.map(({ state }) => state)).toEqual(['ON_SALE', 'RETIRED'])
  expect(await versionOf(api)).toEqual({ version: '1.1.0' })
  await expect.poll(() => versionOf(other), SOON).toEqual({ version: '1.1.0' })
  expect(await answerOf(api, 5)).toEqual([15, 4])
  expect(await answerOf(other, 5)).toEqual([15, 4])
  expect((await admin.admin.promoteModel('line', '1.1.0', 'Again')).change).toBeNull()

  // A desk may stay with what it knows, at its price, and what was bought can be computed again.
  expect(await answerOf(api, 5, '1.0.0')).toEqual([10, 1])
  expect(await answerOf(api, 5, '9.9.9')).toMatchObject({ __typename: 'InvalidInputError' })
  const replay = await api.field(
    `mutation ($id: ID!) {
      replay(prediction: $id) { ... on ReplayPayload { agrees sameArtifact difference } }
    }`,
    { id: old },
  )
  expect(replay).toEqual({ agrees: true, sameArtifact: true, difference: 0 })

  const rolled = await admin.admin.rollBackModel('line', 'It is not')
  expect(rolled.change).toMatchObject({ action: 'ROLLED_BACK', version: '1.0.0' })
  await expect.poll(() => versionOf(other), SOON).toEqual({ version: '1.0.0' })
  expect(await answerOf(api, 5)).toEqual([10, 1])
  const further = admin.admin.rollBackModel('line', 'Further')
  await expect(further).rejects.toThrow(NothingToRollBackError)
  const [newer] = await admin.admin.modelVersions('line')
  expect(newer?.changes.map(({ action }) => action)).toEqual(['PROMOTED', 'ENTERED'])
  expect(await ledgerFaults(kit.seeds, [alice.userId])).toEqual([])

  // With the account goes what shadows said of its inputs.
  await eraseAccount(kit.seeds, alice.userId)
  expect(await kit.db.prisma.shadowRun.count()).toBe(0)
  await expect(
    stack.api(alice).field('{ modelVersions(model: "line") { version } }'),
  ).rejects.toThrow()
})

it('what is under way finishes on its version, and drafts and bulks keep the one they pinned', async () => {
  const { stack, admin, api } = await stage(0)
  const { id } = (await predict(api, line(5))).prediction
  const draft = (version: string | null) =>
    api.field<{ prediction: { id: string }; quote: { price: number } }>(
      `mutation ($input: PredictInput!) {
        createDraft(input: $input) { ... on DraftPayload { prediction { id } quote { price } } }
      }`,
      { input: { line: { version, features: { x: 5 } } } },
    )
  const [pinned, open] = [await draft('1.0.0'), await draft(null)]
  await admin.admin.promoteModel('line', '1.1.0', 'While jobs wait')
  await stack.addWorker()
  await expect
    .poll(() => readPrediction(api, id), SOON)
    .toMatchObject({ status: 'SUCCEEDED', output: { value: 10 }, charge: { captured: 1 } })
  const run = async (draftId: string) => {
    const query = `mutation ($id: ID!, $key: String!) {
      runDraft(id: $id, run: { idempotencyKey: $key, waitMs: 30000 }) {
        ... on PredictPayload { prediction { output { ... on RegressionOutput { value } } } }
      }
    }`
    const variables = { id: draftId, key: randomUUID() }
    const answer = await api.field<{ prediction: { output: unknown } }>(query, variables)
    return answer.prediction.output
  }
  expect(await run(pinned.prediction.id)).toEqual({ value: 10 })
  expect(await run(open.prediction.id)).toEqual({ value: 15 })
  const items = [line(5, '1.0.0'), line(5), line(5, '7.0.0')]
  const { bulk } = await predictMany(api, items)
  expect(bulk).toMatchObject({ charge: { price: 5 }, progress: { refused: 1 } })
})

it('a poisoned prediction is retried on the version it pinned, or on the one on sale', async () => {
  const { kit, stack, admin, api } = await stage(0)
  const hand = await stack.hand()
  const poison = async (id: string) => {
    const failure = { code: 'POISON', message: 'The computation was started 5 times.' }
    const result = { ...failed(rowIdOf(id)), outcome: 'failed' as const, failure }
    expect(await hand.settle(result)).toBe('settled')
    return id
  }
  await admin.admin.promoteModel('line', '1.1.0', 'It is better')
  const deadline = new Date(Date.now() + 3_600_000).toISOString()
  const pins = [line(5, '1.1.0'), line(5, '1.0.0'), line(5)]
  const ids = []
  for (const input of pins) ids.push((await predict(api, input, { deadline })).prediction.id)
  ids.push((await predict(api, line(5, '1.1.0'))).prediction.id)
  const { bulk } = await predictMany(api, [line(5, '1.1.0'), line(5)], { deadline })
  for (const { result } of await itemsOf(api, bulk.id)) ids.push(result.id ?? '')
  for (const id of ids) await poison(id)
  await admin.admin.rollBackModel('line', 'It kills workers')
  const retry = async (id: string) => {
    const { decision } = await admin.operations.retry(id, 'They are mended')
    return decision?.retry ?? ''
  }
  const versionOfRow = async (id: string) =>
    (await kit.db.prisma.prediction.findUniqueOrThrow({ where: { id: rowIdOf(id) } })).version
  const retries = []
  for (const id of ids) retries.push(await retry(id))
  expect(await Promise.all(retries.map(versionOfRow))).toEqual([
    ...['1.1.0', '1.0.0', '1.0.0', '1.1.0'],
    // Of the bulk.
    ...['1.1.0', '1.0.0'],
  ])
  const again = await retry(await poison(retries[0] ?? ''))
  expect(await versionOfRow(again)).toBe('1.1.0')
})
