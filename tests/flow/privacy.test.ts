import { randomUUID } from 'node:crypto'
import { createPresage, isEnded, type Json, type PredictInput, type Presage } from '@presage/client'
import { actOnUser } from '@presage/domain/admin/act-on-user'
import { drainDomain } from '@presage/domain/domain'
import { finishErasures } from '@presage/domain/privacy/erase-account'
import { eraseOldInputs } from '@presage/domain/privacy/erase-old-inputs'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { agreeThrough, consentsOf } from '../kit/agree.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { openKit } from '../kit/kit.js'
import { rowIdOf } from '../kit/operations.js'
import type { Stack } from '../kit/stack.js'

const kit = await openKit()
const PASSWORD = 'a password of the privacy tests'
const DAY_MS = 86_400_000

const input: PredictInput = {
  bioAge: {
    variant: 'PHENOAGE',
    features: {
      ...{ age: 50, sex: 'FEMALE', mcv: 90, rdw: 13 },
      ...{ albumin: { value: 4.2 }, creatinine: { value: 0.9 }, glucose: { value: 90 } },
      ...{ crp: { value: 0.3 }, lymphocytes: { value: 30 }, alp: { value: 65 }, wbc: { value: 6 } },
    },
  },
}

/** One for each model of health data. */
const CONSENTS = consentsOf(await loadCatalogue()).map(() => 'consents')

let stack: Stack
beforeAll(async () => {
  stack = await kit.stack({ servers: 2 })
})

/** A new account at a server, which ends with the test. */
async function someone(server = 0) {
  const presage = createPresage({ url: `${stack.servers[server]?.url}/graphql` })
  onTestFinished(() => presage.close())
  const email = `${randomUUID()}@example.org`
  await presage.register({ email, password: PASSWORD })
  await agreeThrough(presage)
  const { id } = await kit.db.prisma.user.findUniqueOrThrow({ where: { emailKey: email } })
  return { presage, email, id }
}

async function finish(presage: Presage): Promise<string> {
  for await (const prediction of presage.run(input, { explain: true }))
    if (isEnded(prediction)) return prediction.id
  throw new Error('the run has no end')
}

/** What versions on trial would have answered to a prediction, each a score. */
const tryShadows = (id: string, ...scores: number[]) =>
  kit.db.prisma.shadowRun.createMany({
    data: scores.map((score) => ({
      ...{ id: randomUUID(), predictionId: rowIdOf(id), model: 'bio-age', version: '9.0.0', score },
    })),
  })

const rowsOf = (userId: string) => kit.db.prisma.prediction.findMany({ where: { userId } })

async function exported(presage: Presage): Promise<Record<string, Json>[]> {
  const records: Record<string, Json>[] = []
  for await (const record of presage.exportAccount()) records.push(record as Record<string, Json>)
  return records
}

describe('the export', () => {
  it('tells a user everything that is kept, and nothing of others', async () => {
    const { presage, email, id } = await someone()
    const other = await someone()
    await tryShadows(await finish(other.presage), 99)
    const prediction = await finish(presage)
    await tryShadows(prediction, 48.5)
    await presage.apiKeys.create({
      ...{ name: 'a robot', scopes: ['READ'], spendingCaps: [{ period: 'DAY', credits: 7 }] },
    })
    const { bulk } = await presage.bulk.predict([{ bioAge: { features: { age: 500 } } } as never])
    const { userId: actorId } = await kit.user({ admin: true })
    const order = { actorId, userId: id, reason: 'a test of them' }
    await actOnUser(kit.seeds.identity, { ...order, kind: 'GRANT_ADMIN' })
    const records = await exported(presage)
    expect(records.map(({ section }) => section)).toEqual([
      ...['account', 'sessions', 'apiKeys', ...CONSENTS, 'adminActions'],
      ...['transactions', 'transactions', 'transactions', 'predictions', 'shadowRuns', 'bulks'],
    ])
    const found = (wanted: string) => records.find(({ section }) => section === wanted)
    expect(found('apiKeys')).toMatchObject({
      ...{ name: 'a robot', spendingCaps: [{ period: 'DAY', credits: 7, spent: 0 }] },
    })
    expect(found('consents')).toMatchObject({ action: 'GIVEN', model: 'bio-age' })
    expect(found('adminActions')).toMatchObject({ kind: 'GRANT_ADMIN', reason: 'a test of them' })
    expect(found('shadowRuns')).toMatchObject({
      ...{ predictionId: rowIdOf(prediction), model: 'bio-age', version: '9.0.0', score: 48.5 },
    })
    expect(found('bulks')).toMatchObject({
      ...{ id: rowIdOf(bulk.id), size: 1 },
      refused: [{ index: 0, refusal: { code: 'INVALID_INPUT' } }],
    })
    expect(JSON.stringify(records)).not.toContain(actorId)
    expect(records[0]).toMatchObject({
      ...{ email, secondFactorSince: null, credits: { balance: 0, bonus: 49, held: 0 } },
    })
    expect(records[1]).toMatchObject({ address: '127.0.0.1' })
    expect(found('predictions')).toMatchObject({
      status: 'SUCCEEDED',
      input: { age: 50 },
      output: { unit: 'years' },
    })
    expect(JSON.stringify(records)).not.toContain(other.email)
    expect(JSON.stringify(records)).not.toMatch(/hash/i)
  })

  it('has as many pages as it takes, each record once', async () => {
    const { presage, id } = await someone()
    const prediction = await finish(presage)
    await tryShadows(prediction, ...Array.from({ length: 250 }, (_, n) => n))
    const row = await kit.db.prisma.prediction.findFirstOrThrow({ where: { userId: id } })
    const drafts = Array.from({ length: 450 }, (_, n) => ({
      ...{ id: randomUUID(), userId: id, status: 'DRAFT' as const, revision: 1, price: 1 },
      ...{ model: row.model, version: row.version, variant: row.variant, explain: false },
      ...{ artifactSha256: row.artifactSha256, input: { n }, createdAt: row.createdAt },
    }))
    await kit.db.prisma.prediction.createMany({ data: drafts })
    const records = await exported(presage)
    const scores = records.flatMap((it) => (it.section === 'shadowRuns' ? Number(it.score) : []))
    expect(scores.sort((a, b) => a - b)).toEqual(Array.from({ length: 250 }, (_, n) => n))
    const ids = records.flatMap((it) => (it.section === 'predictions' ? it.id : []))
    expect(ids).toHaveLength(451)
    expect(new Set(ids)).toEqual(new Set([row.id, ...drafts.map((draft) => draft.id)]))
    expect(prediction).toBeTruthy()
  })
})

describe('deleting an account', () => {
  it('asks for the password, and before credits are lost', async () => {
    const { presage } = await someone()
    await expect(presage.deleteAccount('not it')).rejects.toMatchObject({
      name: 'LoginFailedError',
    })
    await expect(presage.deleteAccount(PASSWORD)).rejects.toMatchObject({
      name: 'CreditsLeftError',
      available: 50,
    })
    expect(await presage.wallet()).toMatchObject({ available: 50 })
  })

  it('leaves the ledger without a name, and nothing that was sent or computed', async () => {
    const { presage, email, id } = await someone()
    await tryShadows(await finish(presage), 48.5)
    await presage.drafts.create(input)
    const before = await kit.db.prisma.transfer.findMany({ where: { userId: id } })
    await presage.deleteAccount(PASSWORD, { giveUpCredits: true })
    const rows = await rowsOf(id)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({
      status: 'SUCCEEDED',
      input: {},
      output: null,
      explanation: null,
    })
    const shadows = { where: { predictionId: { in: rows.map((row) => row.id) } } }
    expect(await kit.db.prisma.shadowRun.count(shadows)).toBe(0)
    expect(await kit.db.prisma.transfer.findMany({ where: { userId: id } })).toEqual(before)
    const dump = JSON.stringify([
      await kit.db.prisma.user.findMany({ where: { id } }),
      await kit.db.prisma.session.findMany({ where: { userId: id } }),
    ])
    expect(dump).not.toContain(email)
    expect(dump).not.toContain('127.0.0.1')
    expect(await ledgerFaults(kit.seeds, [id])).toEqual([])
  })

  it('ends every session at every server, and frees the e-mail', async () => {
    const { presage, email } = await someone()
    const elsewhere = createPresage({ url: `${stack.servers[1]?.url}/graphql` })
    onTestFinished(() => elsewhere.close())
    await elsewhere.logIn({ email, password: PASSWORD })
    const watching = elsewhere.subscribe.wallet()
    await watching.next()
    await presage.deleteAccount(PASSWORD, { giveUpCredits: true })
    await expect(watching.next()).rejects.toMatchObject({ name: 'SessionEndedError' })
    await expect(presage.logIn({ email, password: PASSWORD })).rejects.toMatchObject({
      name: 'LoginFailedError',
    })
    const { viewer } = await presage.register({ email, password: PASSWORD })
    expect(viewer.email).toBe(email)
    expect(await presage.wallet()).toMatchObject({ available: 50 })
  })

  it('cancels what has not ended, and gives back what it held', async () => {
    const silent = await kit.stack({ servers: 1, workers: 0 })
    const presage = createPresage({ url: `${silent.servers[0]?.url}/graphql` })
    onTestFinished(() => presage.close())
    const email = `${randomUUID()}@example.org`
    await presage.register({ email, password: PASSWORD })
    await agreeThrough(presage)
    await Promise.all([1, 2, 3].map(() => presage.predict(input)))
    const { id } = await kit.db.prisma.user.findUniqueOrThrow({ where: { emailKey: email } })
    await presage.deleteAccount(PASSWORD, { giveUpCredits: true })
    expect((await rowsOf(id)).map(({ status }) => status)).toEqual(Array(3).fill('CANCELED'))
    expect(await kit.db.prisma.wallet.findUnique({ where: { userId: id } })).toMatchObject({
      bonus: 50n,
      held: 0n,
    })
    expect(await ledgerFaults(kit.seeds, [id])).toEqual([])
  })

  it('is finished by another server when the first one ended in its midst', async () => {
    const { presage, id } = await someone()
    await finish(presage)
    const twoMinutesAgo = new Date(Date.now() - 120_000)
    await kit.db.prisma.user.update({ where: { id }, data: { deletedAt: twoMinutesAgo } })
    const domain = kit.domain()
    await finishErasures(domain)
    await drainDomain(domain)
    expect((await rowsOf(id))[0]).toMatchObject({ input: {}, output: null })
    const user = await kit.db.prisma.user.findUniqueOrThrow({ where: { id } })
    expect(user.erasedAt).not.toBeNull()
  })

  it('is refused to an administrator', async () => {
    const { presage, email, id } = await someone()
    await kit.db.prisma.user.update({ where: { id }, data: { isAdmin: true } })
    await presage.logIn({ email, password: PASSWORD })
    await expect(presage.deleteAccount(PASSWORD)).rejects.toMatchObject({
      name: 'AdminAccountError',
    })
  })
})

describe('keeping inputs', () => {
  it('is told by the card', async () => {
    const { presage } = await someone()
    const answer = await stack.api().field('{ model(name: "bio-age") { inputsKeptDays } }')
    expect(answer).toEqual({ inputsKeptDays: 365 })
    expect(await presage.model('bio-age')).toBeTruthy()
  })

  it('ends after the days of the card; outcome and charge stay, and younger ones are left', async () => {
    const { presage, id } = await someone()
    await finish(presage)
    await presage.drafts.create(input)
    const domain = kit.domain({ catalogue: await loadCatalogue() })
    await eraseOldInputs(domain)
    expect(await rowsOf(id)).toEqual([
      expect.objectContaining({ erasedAt: null }),
      expect.objectContaining({ erasedAt: null, status: 'DRAFT' }),
    ])
    const later = () => new Date(Date.now() + 366 * DAY_MS)
    await eraseOldInputs({ ...domain, identity: { ...domain.identity, now: later } })
    const rows = await rowsOf(id)
    expect(rows).toHaveLength(1)
    expect(rows[0]).toMatchObject({ status: 'SUCCEEDED', input: {}, explanation: null })
    expect(rows[0]?.output).toMatchObject({ unit: 'years' })
    expect((await presage.history().next()).value).toMatchObject({ status: 'SUCCEEDED', input: {} })
  })
})
