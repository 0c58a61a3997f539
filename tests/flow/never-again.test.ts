import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readHistory as readPage } from '@presage/domain/predictions/history'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { afterAll, describe, expect, it } from 'vitest'
import type { Api, Variables } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import { type Delivery, failed, HandWorker, succeeded } from '../kit/hand-worker.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  cancel,
  PREDICT,
  predict,
  readHistory,
  readPrediction,
  readWallet,
  rowIdOf,
  runDraft,
} from '../kit/operations.js'
import { picture } from '../kit/pictures.js'
import { upload } from '../kit/uploads.js'

const modelsDir = await mkdtemp(join(tmpdir(), 'presage-models-'))
await cp(join(MODELS_DIR, 'bio-age'), join(modelsDir, 'bio-age'), { recursive: true })

/** Two servers whose jobs only the test computes. */
const kit = await openKit()
const stack = await kit.stack({ servers: 2, workers: 0 })
const hand = await stack.hand()

/** A server with hardly a connection and a real worker. */
const smallKit = await openKit()
const small = await smallKit.stack({
  env: { DATABASE_CONNECTIONS: '2', MODELS_DIR: modelsDir },
})
afterAll(() => rm(modelsDir, { recursive: true, force: true }))

const WITHIN = { timeout: 30_000, interval: 100 }

const someone = async (balance = 20): Promise<Api> => stack.api(await kit.user({ balance }))

interface Gallery {
  gallery: { nodes: { id: string; url: string }[] }
}

const GALLERY = '{ viewer { gallery(first: 9) { nodes { id url } } } }'

/** The same link, for another file. */
function ledTo(link: string, file: string): string {
  const [head, payload = '', signature] = link.split('.')
  const said: object = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const other = Buffer.from(JSON.stringify({ ...said, file })).toString('base64url')
  return [head, other, signature].join('.')
}

/** The job of this prediction, behind whatever stands before it. */
async function takeJob(id: string): Promise<Delivery> {
  for (;;) {
    const delivery = await hand.take()
    if (delivery.job.id === rowIdOf(id)) return delivery
    delivery.message.ack()
  }
}

describe('never again', () => {
  it('a caller registers as an admin', async () => {
    const register = (extra: string, variables: Variables = {}) =>
      stack.api().ask<{ register: { accessToken: string; viewer: { roles: string[] } } }>(
        `mutation ($email: String!) {
          register(email: $email, password: "a long password" ${extra}) {
            ... on SessionPayload { accessToken viewer { roles } }
          }
        }`,
        { email: `${randomUUID()}@example.com`, ...variables },
      )
    for (const extra of ['role: ADMIN', 'roles: [ADMIN]', 'isAdmin: true']) {
      const { data, errors } = await register(extra)
      expect([data ?? null, errors?.length]).toEqual([null, 1])
    }
    const { data } = await register('', { roles: ['ADMIN'], isAdmin: true })
    expect(data?.register.viewer.roles).toEqual(['USER'])
    const mallory = stack.api({ accessToken: data?.register.accessToken ?? '' })
    const health = mallory.field('{ ledgerHealth { balanced } }')
    await expect(health).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  it('parallel spends lose debits', async () => {
    const user = await kit.user({ balance: 10, bonus: 10 })
    const callers = [stack.api(user, 0), stack.api(user, 1)]
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => predict(callers[i % 2] as Api, bioAge())),
    )
    const paid = answers.filter(({ __typename }) => __typename === 'PredictPayload')
    const refused = answers.filter(({ __typename }) => __typename === 'InsufficientFundsError')
    expect([paid.length, refused.length]).toEqual([20, 40])
    expect(await readWallet(callers[0] as Api)).toMatchObject({ available: 0, held: 20 })
    expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
  })

  it('a redelivered job charges twice', async () => {
    const alice = await someone(10)
    const { prediction } = await predict(alice, bioAge('NETWORK'))
    const first = await takeJob(prediction.id)
    expect(await hand.settle(succeeded(first.job.id))).toBe('settled')
    first.message.nak()
    const second = await takeJob(prediction.id)
    expect(second.message.redelivered).toBe(true)
    expect(await hand.settle(succeeded(second.job.id, 7))).toBe('closed')
    expect(await hand.settle(failed(second.job.id))).toBe('closed')
    second.message.ack()
    expect(await readPrediction(alice, prediction.id)).toMatchObject({ output: { value: 42 } })
    expect(await readWallet(alice)).toMatchObject({ available: 7, held: 0 })
  })

  it('a failed or timed-out job stays charged, or pending for ever', async () => {
    const alice = await someone(10)
    const deadline = new Date(Date.now() + 1500).toISOString()
    const [lost, late] = [
      (await predict(alice, bioAge('NETWORK'))).prediction.id,
      (await predict(alice, bioAge('NETWORK'), { deadline })).prediction.id,
    ]
    // A worker takes both: one it cannot do, and over the other it dies.
    await takeJob(lost)
    await hand.settle(failed(rowIdOf(lost)))
    await takeJob(late)
    await expect
      .poll(async () => (await readPrediction(alice, late))?.status, WITHIN)
      .toBe('EXPIRED')
    expect(await readPrediction(alice, lost)).toMatchObject({ status: 'FAILED' })
    expect(await hand.settle(succeeded(rowIdOf(late)))).toBe('closed')
    expect(await readWallet(alice)).toEqual({ available: 10, balance: 10, bonus: 0, held: 0 })
  })

  it('too little money or an unknown model is an internal error', async () => {
    const alice = await someone(0)
    const variables = (input: object) => ({ input, run: { idempotencyKey: randomUUID() } })
    const poor = await alice.ask(PREDICT, variables(bioAge()))
    expect(poor).toMatchObject({
      status: 200,
      data: { predict: { code: 'INSUFFICIENT_FUNDS', required: 1, available: 0 } },
    })
    expect(poor.errors).toBeUndefined()
    const unknown = await alice.ask(PREDICT, variables({ crystalBall: { features: {} } }))
    expect(unknown.status).toBeLessThan(500)
    expect(unknown.errors?.map(({ extensions }) => extensions.code)).toContain('BAD_USER_INPUT')
    expect(await alice.field('{ model(name: "crystal-ball") { name } }')).toBeNull()
  })

  it('a prediction appears twice in the history', async () => {
    const alice = await someone()
    const bought = async (idempotencyKey: string) =>
      (await predict(alice, bioAge(), { idempotencyKey })).prediction.id
    // Each call comes twice, some results come twice, and some predictions are given up.
    const keys = Array.from({ length: 9 }, (_, i) => `key ${i % 9}`)
    const ids = await Promise.all([...keys, ...keys].map(bought))
    const [won = '', lost = '', given = ''] = [...new Set(ids)]
    await Promise.all([1, 2].map(() => hand.settle(succeeded(rowIdOf(won)))))
    const first = await readHistory(alice, { first: 4 })
    hand.start(rowIdOf(lost))
    await hand.settle(failed(rowIdOf(lost)))
    await cancel(alice, given)
    const rest = await readHistory(alice, { first: 50, after: first.pageInfo.endCursor })
    const shown = [...first.nodes, ...rest.nodes].map(({ id }) => id)
    expect(shown).toHaveLength(9)
    expect(new Set(shown)).toEqual(new Set(ids))
  })

  it('a request loads the whole history', async () => {
    const user = await kit.user()
    await kit.db.pool.query(
      `INSERT INTO predictions (id, user_id, status, revision, model, version, variant,
         artifact_sha256, input, explain, price, created_at)
       SELECT uuidv7(), $1, 'DRAFT', 1, 'bio-age', '1.0.0', 'phenoage', '', '{}', false, 1, now()
       FROM generate_series(1, 3000)`,
      [user.userId],
    )
    const alice = stack.api(user)
    expect((await readHistory(alice, { first: 5000 })).nodes).toHaveLength(100)
    expect((await readHistory(alice)).nodes.length).toBeLessThanOrEqual(100)
    // What PostgreSQL reads for a page in the middle.
    const domain = kit.domain({ poolSize: 1 })
    const { nodes } = await readHistory(alice, { first: 100 })
    const after = rowIdOf(nodes.at(-1)?.id ?? '')
    await domain.db.pool.query('BEGIN')
    await readPage(domain, user, {}, { after, limit: 21, inverted: false })
    const { rows } = await domain.db.pool.query<{ read: number }>(
      `SELECT (seq_tup_read + idx_tup_fetch)::int AS read FROM pg_stat_xact_user_tables
       WHERE relname = 'predictions'`,
    )
    await domain.db.pool.query('COMMIT')
    expect(rows[0]?.read).toBeGreaterThanOrEqual(21)
    expect(rows[0]?.read).toBeLessThan(100)
  })

  it('each job opens a connection and reads a model', async () => {
    const alice = small.api(await smallKit.user({ balance: 100 }))
    const run = () => predict(alice, bioAge(), { waitMs: 30_000 })
    const backends = async () =>
      (
        await smallKit.db.pool.query<{ pid: number }>(
          `SELECT pid FROM pg_stat_activity
           WHERE datname = current_database() AND application_name LIKE 'presage-%' ORDER BY pid`,
        )
      ).rows.map(({ pid }) => pid)
    /** NATS numbers its clients, so joining tells how many have joined. */
    const joined = async () => {
      const visitor = await HandWorker.join(small.nats.url)
      const { client_id: id } = visitor.connection.info ?? { client_id: Number.NaN }
      await visitor.close()
      return id
    }
    await Promise.all(Array.from({ length: 20 }, run))
    const [pids, clients] = [await backends(), await joined()]
    await rm(modelsDir, { recursive: true })
    const answers = await Promise.all(Array.from({ length: 40 }, run))
    expect(new Set(answers.map(({ prediction }) => prediction.status))).toEqual(
      new Set(['SUCCEEDED']),
    )
    // A loop of the server's may need one meanwhile; forty jobs need none.
    const opened = (await backends()).filter((pid) => !pids.includes(pid))
    expect(opened.length).toBeLessThan(3)
    expect(await joined()).toBe(clients + 1)
  })

  it('another’s prediction, wallet or transaction is read by its id', async () => {
    const [alice, mallory] = [await someone(10), await someone(10)]
    const { prediction } = await predict(alice, bioAge())
    const own = await alice.field<{
      id: string
      wallet: { id: string; transactions: { nodes: { id: string }[] } }
    }>('{ viewer { id wallet { id transactions(first: 9) { nodes { id } } } } }')
    const ids = [
      ...[prediction.id, own.id, own.wallet.id],
      ...own.wallet.transactions.nodes.map(({ id }) => id),
    ]
    expect(ids).toHaveLength(5)
    const node = (api: Api, id: string) =>
      api.field<{ id: string } | null>('query ($id: ID!) { node(id: $id) { id } }', { id })
    for (const id of ids) {
      expect(await node(alice, id)).toEqual({ id })
      expect(await node(mallory, id)).toBeNull()
      expect(
        (await stack.api().ask('query ($id: ID!) { node(id: $id) { id } }', { id })).data,
      ).toEqual({ node: null })
    }
    const nonsense = await mallory.ask('{ node(id: "nonsense") { id } }')
    expect(nonsense.errors?.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(await readPrediction(mallory, prediction.id)).toBeNull()
    expect(await cancel(mallory, prediction.id)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await runDraft(mallory, prediction.id)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await readPrediction(alice, prediction.id)).toMatchObject({ status: 'QUEUED' })
  })

  it('another’s photo is read, or used, by its id', async () => {
    const [alice, mallory] = [await someone(20), await someone(20)]
    const bytes = await picture('png')
    const [{ id }, own] = [await upload(alice, bytes), await upload(mallory, bytes)]
    const nobody = stack.api()
    const { gallery } = await mallory.field<Gallery>(GALLERY)
    expect(gallery.nodes.map((photo) => photo.id)).toEqual([own.id])
    expect((await nobody.ask(GALLERY)).data).toEqual({ viewer: null })
    // A link is signed: the owner's works, and neither the id nor a link of one's own leads there.
    const fetched = async (path = '') => (await fetch(`${alice.url}${path}`)).status
    const link = (await alice.field<Gallery>(GALLERY)).gallery.nodes[0]?.url
    const others = [`/files/${id}`, ledTo(gallery.nodes[0]?.url ?? '', id)]
    expect(await Promise.all([link, ...others].map(fetched))).toEqual([200, 403, 403])
    const cutOut = { input: { portraitCutout: { features: { photo: id } } } }
    const run = { idempotencyKey: randomUUID() }
    const { data } = await mallory.ask(PREDICT, { ...cutOut, run })
    expect(data).toMatchObject({
      predict: { code: 'INVALID_INPUT', issues: [{ path: ['photo'] }] },
    })
    const { errors } = await nobody.ask(PREDICT, { ...cutOut, run })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['UNAUTHENTICATED'])
    expect(await readWallet(mallory)).toMatchObject({ available: 20, held: 0 })
    const owners = await alice.ask(PREDICT, { ...cutOut, run })
    expect(owners.data).toMatchObject({ predict: { prediction: { status: 'QUEUED' } } })
  })

  it('a full pool turns 64 callers into 100 errors', async () => {
    const callers = await Promise.all(
      Array.from({ length: 64 }, async () => small.api(await smallKit.user({ balance: 5 }))),
    )
    const draft = `mutation ($input: PredictInput!) {
      createDraft(input: $input) { __typename }
    }`
    const transactions = '{ viewer { wallet { transactions(first: 9) { nodes { id } } } } }'
    const work = async (api: Api) => [
      await Promise.all([
        predict(api, bioAge(), { waitMs: 30_000 }),
        readHistory(api),
        api.field(transactions),
        api.field(draft, { input: bioAge() }),
      ]),
    ]
    const done = await Promise.allSettled(callers.map(work))
    expect(done.flatMap((it) => (it.status === 'rejected' ? [String(it.reason)] : []))).toEqual([])
    const wallets = await Promise.all(callers.map(readWallet))
    expect(wallets.every(({ available, held }) => available === 4 && held === 0)).toBe(true)
  })
})
