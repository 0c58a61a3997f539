import { randomUUID } from 'node:crypto'
import {
  ConsentRequiredError,
  createPresage,
  type Json,
  type PredictInput,
  type Presage,
} from '@presage/client'
import { giveConsent } from '@presage/domain/consents/give-consent'
import { withdrawConsent } from '@presage/domain/consents/withdraw-consent'
import type { Domain } from '@presage/domain/domain'
import { predict } from '@presage/domain/predictions/predict'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { consentsOf } from '../kit/agree.js'
import { Api } from '../kit/api.js'
import { FEATURES } from '../kit/blood.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { type HandWorker, succeeded } from '../kit/hand-worker.js'
import { openKit } from '../kit/kit.js'
import { openPresage } from '../kit/open-presage.js'
import { rowIdOf } from '../kit/operations.js'
import type { SeededUser } from '../kit/seed-user.js'
import type { Stack } from '../kit/stack.js'
import { PULSE } from '../kit/test-catalogue.js'

const kit = await openKit()
const [asked = { model: '', version: 0 }] = consentsOf(await loadCatalogue())
const input = { bioAge: { variant: 'PHENOAGE', features: FEATURES } } as PredictInput
const faulty = { bioAge: { features: { ...FEATURES, mcv: 900 } } } as PredictInput

let stack: Stack
let hand: HandWorker
beforeAll(async () => {
  stack = await kit.stack({ servers: 2, workers: 0 })
  hand = await stack.hand()
})

const clientOf = (user: SeededUser, server = 0) => openPresage(stack.servers[server], user)

/** Somebody who has agreed to nothing, at each of the servers. */
async function someone() {
  const user = await kit.user({ balance: 20, agrees: false })
  return { user, here: await clientOf(user), there: await clientOf(user, 1) }
}

const refusalOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => null,
    (error: unknown) => error,
  )

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = []
  for await (const item of items) list.push(item)
  return list
}

const logOf = (userId: string) =>
  kit.db.prisma.consentEntry.findMany({ where: { userId }, orderBy: { id: 'asc' } })

const rowsOf = (userId: string) =>
  kit.db.prisma.prediction.findMany({ where: { userId }, orderBy: { id: 'asc' } })

describe('a model of health data', () => {
  it('says so, with the text that is to be agreed to', async () => {
    const { here } = await someone()
    expect((await here.model(asked.model))?.healthData).toEqual({
      consentVersion: asked.version,
      consentText: expect.stringContaining('data on your health'),
    })
  })

  it('takes nothing without consent, whatever is asked, and holds no money for it', async () => {
    const { here, user } = await someone()
    const agreed = await kit.user({ balance: 5 })
    const draft = await (await clientOf(agreed)).drafts.create(input)
    const { id } = draft.prediction
    await kit.db.prisma.consent.deleteMany({ where: { userId: agreed.userId } })
    const unwilling = await clientOf(agreed)
    for (const call of [
      () => here.quote(input),
      () => here.predict(input, { idempotencyKey: 'refused' }),
      () => here.drafts.create(input),
      () => all(here.run(input)),
      () => unwilling.drafts.run(id),
      () => unwilling.drafts.update({ id, revision: 1 }, input),
    ]) {
      const refused = await refusalOf(call())
      expect(refused).toBeInstanceOf(ConsentRequiredError)
      expect(refused).toMatchObject({
        ...{ code: 'CONSENT_REQUIRED', model: 'bio-age', version: asked.version },
        text: expect.stringContaining('data on your health'),
      })
    }
    expect(await here.wallet()).toMatchObject({ available: 20, held: 0 })
    expect(await rowsOf(user.userId)).toEqual([])
    expect((await rowsOf(agreed.userId)).map(({ status }) => status)).toEqual(['DRAFT'])
    // What was refused has bound no key.
    await here.consents.give(asked)
    expect((await here.predict(input, { idempotencyKey: 'refused' })).replayed).toBe(false)
  })

  it('tells what is wrong with an input before it asks for consent', async () => {
    const { here } = await someone()
    expect(await refusalOf(here.predict(faulty))).toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('refuses the items of a bulk one by one', async () => {
    const { here, there } = await someone()
    const { bulk, wallet } = await here.bulk.predict([input, faulty, input])
    expect(bulk).toMatchObject({ progress: { refused: 3, open: 0 }, charge: { held: 0 } })
    expect(wallet).toMatchObject({ available: 20, held: 0 })
    const items = await all(there.bulk.items(bulk.id))
    expect(items.map(({ error }) => error?.code)).toEqual([
      ...['CONSENT_REQUIRED', 'INVALID_INPUT', 'CONSENT_REQUIRED'],
    ])
    expect(items[0]?.error).toMatchObject({ ...asked, text: expect.any(String) })
    const how = { allOrNothing: true, idempotencyKey: 'all' }
    const fault = { code: 'CONSENT_REQUIRED', issues: [] }
    expect(await refusalOf(here.bulk.predict([input, input], how))).toMatchObject({
      ...{ code: 'BULK_REFUSED', faults: [0, 1].map((index) => ({ ...fault, index })) },
    })
    await here.consents.give(asked)
    const paid = await here.bulk.predict([input, input], how)
    expect(paid).toMatchObject({ replayed: false, bulk: { progress: { open: 2 } } })
  })
})

describe('a consent', () => {
  it('is given once, holds at every server at once, and is written down with its text', async () => {
    const { here, there, user } = await someone()
    expect(await here.consents.list()).toEqual([])
    const given = await here.consents.give(asked)
    expect(given).toEqual({
      ...{ modelName: asked.model, consentVersion: asked.version },
      ...{ givenAt: expect.any(String), inForce: true },
    })
    await there.predict(input)
    expect(await there.consents.give(asked)).toEqual(given)
    expect(await there.consents.list()).toEqual([given])
    const text = (await here.model(asked.model))?.healthData?.consentText
    expect(await logOf(user.userId)).toMatchObject([
      { action: 'GIVEN', ...asked, text, createdAt: new Date(given.givenAt) },
    ])
    const change = kit.db.pool.query('DELETE FROM consent_log WHERE user_id = $1', [user.userId])
    await expect(change).rejects.toThrow('append-only')
  })

  it('is to the text in force, of a model that asks for one', async () => {
    const { here } = await someone()
    const other = await refusalOf(here.consents.give({ ...asked, version: asked.version + 1 }))
    expect(other).toBeInstanceOf(ConsentRequiredError)
    expect(other).toMatchObject(asked)
    const none = { code: 'NOT_FOUND' }
    expect(await refusalOf(here.consents.give({ model: 'moon', version: 1 }))).toMatchObject(none)
    expect(await refusalOf(here.consents.withdraw('moon'))).toMatchObject(none)
    expect(await here.consents.list()).toEqual([])
  })

  it('to a text of before is not enough, and to one after it is', async () => {
    const { here, user } = await someone()
    await here.consents.give(asked)
    const agreeTo = (version: number) =>
      kit.db.prisma.consent.updateMany({ where: { userId: user.userId }, data: { version } })
    await agreeTo(asked.version - 1)
    for (const call of [here.predict(input), here.quote(input), here.drafts.create(input)].map(
      refusalOf,
    ))
      expect(await call).toMatchObject(asked)
    expect(await here.consents.list()).toMatchObject([{ inForce: false }])
    // A server of the next release, with the next text, works beside this one during an upgrade.
    await agreeTo(asked.version + 1)
    await here.predict(input)
    await agreeTo(asked.version - 1)
    await here.consents.give(asked)
    expect((await logOf(user.userId)).map(({ action }) => action)).toEqual(['GIVEN', 'GIVEN'])
  })

  it('is of a person: an API key stands on its owner’s and gives none', async () => {
    const { here } = await someone()
    const { secret } = await here.apiKeys.create({ name: 'k', scopes: ['PREDICT', 'READ', 'LOG'] })
    const url = stack.servers[1]?.url ?? ''
    const robot = createPresage({ url: `${url}/graphql`, apiKey: secret })
    onTestFinished(() => robot.close())
    expect(await refusalOf(robot.predict(input))).toBeInstanceOf(ConsentRequiredError)
    for (const query of [
      'mutation { giveConsent(model: "bio-age", version: 1) { __typename } }',
      'mutation { withdrawConsent(model: "bio-age") { __typename } }',
      '{ viewer { consents { modelName } } }',
    ]) {
      const { errors } = await new Api(url, secret).ask(query)
      expect([query, errors?.[0]?.extensions.code]).toEqual([query, 'FORBIDDEN'])
    }
    await here.consents.give(asked)
    await robot.predict(input)
    await here.consents.withdraw(asked.model)
    expect(await refusalOf(robot.predict(input))).toBeInstanceOf(ConsentRequiredError)
  })
})

describe('withdrawing', () => {
  it('stops what is new at every server, cancels what has not ended, and keeps the rest', async () => {
    const { here, there, user } = await someone()
    await here.consents.give(asked)
    const done = await here.predict(input, { explain: true, idempotencyKey: 'done' })
    await hand.settle(succeeded(rowIdOf(done.prediction.id)))
    await there.bulk.predict([input, input])
    await here.drafts.create(input)
    expect(await there.consents.withdraw(asked.model)).toEqual({ canceled: 2, erased: 0 })
    for (const each of [here, there]) {
      expect(await refusalOf(each.predict(input))).toBeInstanceOf(ConsentRequiredError)
      expect(await each.wallet()).toMatchObject({ available: 19, held: 0 })
    }
    const rows = await rowsOf(user.userId)
    expect(rows.map(({ status, erasedAt }) => [status, erasedAt])).toEqual([
      ...[
        ['SUCCEEDED', null],
        ['CANCELED', null],
        ['CANCELED', null],
        ['DRAFT', null],
      ],
    ])
    // A call whose answer was lost is still told what became of it.
    const again = { explain: true, idempotencyKey: 'done' }
    expect((await here.predict(input, again)).replayed).toBe(true)
    expect((await logOf(user.userId)).map(({ action, erase }) => [action, erase])).toEqual([
      ...[
        ['GIVEN', false],
        ['WITHDRAWN', false],
      ],
    ])
    expect(await here.consents.withdraw(asked.model)).toEqual({ canceled: 0, erased: 0 })
    expect(await logOf(user.userId)).toHaveLength(2)
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('erases what was sent and computed when that is asked for; the charge stays', async () => {
    const { here, user } = await someone()
    await here.consents.give(asked)
    const { prediction } = await here.predict(input, { explain: true })
    await hand.settle(succeeded(rowIdOf(prediction.id)))
    const { bulk } = await here.bulk.predict([input, faulty])
    await here.drafts.create(input)
    expect(await here.consents.withdraw(asked.model, { erase: true })).toEqual({
      ...{ canceled: 1, erased: 3 },
    })
    const rows = await rowsOf(user.userId)
    expect(rows.map(({ status }) => status)).toEqual(['SUCCEEDED', 'CANCELED'])
    for (const row of rows)
      expect(row).toMatchObject({ input: {}, output: null, explanation: null, requestHash: null })
    const kept = await here.prediction(prediction.id)
    expect(kept).toMatchObject({ output: null, charge: { captured: 1 } })
    const items = await kit.db.prisma.bulkItem.findMany({ where: { bulkId: rowIdOf(bulk.id) } })
    expect(JSON.stringify(items)).not.toContain('mcv')
    expect(await here.consents.withdraw(asked.model, { erase: true })).toEqual({
      ...{ canceled: 0, erased: 0 },
    })
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('keeps an admin from computing anew what a worker had failed on', async () => {
    const { here, user } = await someone()
    await here.consents.give(asked)
    const { prediction } = await here.predict(input)
    const id = rowIdOf(prediction.id)
    const failure = { code: 'POISON', message: 'It broke its worker.' }
    await hand.settle({ id, outcome: 'failed', failure })
    await here.consents.withdraw(asked.model)
    const admin = await clientOf(await kit.user({ admin: true }))
    const retry = () => admin.operations.retry(prediction.id, 'a test')
    expect(await refusalOf(retry())).toBeInstanceOf(ConsentRequiredError)
    await here.consents.give(asked)
    await retry()
    expect(await rowsOf(user.userId)).toHaveLength(2)
  })
})

describe('what is kept of consents', () => {
  const exported = async (presage: Presage) =>
    (await all(presage.exportAccount())) as Record<string, Json>[]

  it('is in the export: what was agreed to and when, and what was withdrawn', async () => {
    const { here } = await someone()
    await here.consents.give(asked)
    await here.consents.withdraw(asked.model)
    const consents = (await exported(here)).filter(({ section }) => section === 'consents')
    expect(consents).toEqual([
      expect.objectContaining({
        ...{ action: 'GIVEN', model: asked.model, version: asked.version },
        ...{ text: expect.stringContaining('health'), createdAt: expect.any(String) },
      }),
      expect.objectContaining({ action: 'WITHDRAWN', text: null, erase: false }),
    ])
    expect(JSON.stringify(consents)).not.toContain('userId')
  })

  it('outlives a deleted account as its ledger does, under a number, and permits nothing', async () => {
    const presage = createPresage({
      ...{ url: `${stack.servers[0]?.url}/graphql`, webSocketImpl: WebSocket },
    })
    onTestFinished(() => presage.close())
    const credentials = { email: `${randomUUID()}@example.org`, password: 'a long password' }
    await presage.register(credentials)
    await presage.consents.give(asked)
    const user = await kit.db.prisma.user.findUniqueOrThrow({
      where: { emailKey: credentials.email },
    })
    await presage.deleteAccount(credentials.password, { giveUpCredits: true })
    expect(await kit.db.prisma.consent.count({ where: { userId: user.id } })).toBe(0)
    const log = await logOf(user.id)
    expect(log).toMatchObject([{ action: 'GIVEN', ...asked }])
    expect(JSON.stringify(log)).not.toContain(credentials.email)
  })
})

describe('consents that are given and withdrawn while two servers predict', () => {
  const servers = [kit.domain(), kit.domain()]
  const consent = { model: PULSE.name, version: PULSE.consentVersion }

  /** Buys without pause until it is told to stop; says how often it was accepted and refused. */
  async function buyer(domain: Domain, user: SeededUser, over: () => boolean) {
    const outcomes = { accepted: 0, refused: 0 }
    while (!over()) {
      const request = { model: PULSE.name, variant: 'free', features: { n: 1 } }
      const run = { idempotencyKey: randomUUID(), explain: false, waitMs: 0 }
      const refused = await refusalOf(predict(domain, user, request, run))
      if (refused === null) outcomes.accepted++
      else {
        expect(refused).toMatchObject({ code: 'CONSENT_REQUIRED', ...consent })
        outcomes.refused++
      }
    }
    return outcomes
  }

  it('accept exactly what was permitted at its moment', async () => {
    const user = await kit.user({ agrees: false })
    const [here, there] = servers
    if (!here || !there) throw new Error('there are no servers')
    let over = false
    const buyers = [here, there, here, there].map((domain) => buyer(domain, user, () => over))
    for (let i = 0; i < 25; i++) {
      await giveConsent(i % 2 ? here : there, user, consent)
      await predict(
        here,
        user,
        { model: PULSE.name, variant: 'free', features: { n: 2 } },
        { idempotencyKey: randomUUID(), explain: false, waitMs: 0 },
      )
      await withdrawConsent(i % 2 ? there : here, user, { model: PULSE.name, erase: false })
    }
    over = true
    const outcomes = await Promise.all(buyers)
    expect(outcomes.every(({ accepted, refused }) => accepted > 0 && refused > 0)).toBe(true)

    const log = await logOf(user.userId)
    expect(log.map(({ action }) => action)).toEqual(
      Array.from({ length: 50 }, (_, i) => (i % 2 ? 'WITHDRAWN' : 'GIVEN')),
    )
    const rows = await rowsOf(user.userId)
    expect(rows.length).toBe(25 + outcomes.reduce((sum, { accepted }) => sum + accepted, 0))
    const permitted = (at: Date) =>
      log.some(
        ({ action, createdAt }, i) =>
          action === 'GIVEN' && createdAt <= at && at <= (log[i + 1]?.createdAt ?? at),
      )
    expect(rows.filter(({ queuedAt }) => !queuedAt || !permitted(queuedAt))).toEqual([])
    // The last withdrawal has left nothing under way.
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['CANCELED']))
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })
})
