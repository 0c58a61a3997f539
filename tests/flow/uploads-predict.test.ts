import { randomUUID } from 'node:crypto'
import { linkTo } from '@presage/domain/uploads/file-link'
import { beforeAll, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { ledgerFaults } from '../kit/check-ledger.js'
import type { HandWorker } from '../kit/hand-worker.js'
import { OUTLINE_PRICE, outlineFolder } from '../kit/image-model.js'
import { openKit } from '../kit/kit.js'
import { predict, readWallet, rowIdOf, runDraft } from '../kit/operations.js'
import { picture } from '../kit/pictures.js'
import type { SeededUser } from '../kit/seed-user.js'
import type { Stack } from '../kit/stack.js'
import { bucketOf, outline, outlined, upload } from '../kit/uploads.js'

const kit = await openKit()
const dir = await outlineFolder()

let stack: Stack
let hand: HandWorker
beforeAll(async () => {
  stack = await kit.stack({ servers: 2, workers: 0, env: { MODELS_DIR: dir } })
  hand = await stack.hand()
})

const of = (photo: string) => ({ outline: { features: { photo } } })

const REFUSED = { __typename: 'InvalidInputError', issues: [{ path: ['photo'] }] }

const ISSUES =
  '__typename ... on InvalidInputError { issues { path message unit min max choices } }'

const draft = (api: Api, photo: string) =>
  api.field<{ __typename: string; prediction: { id: string } }>(
    `mutation ($input: PredictInput!) { createDraft(input: $input) {
      ${ISSUES} ... on DraftPayload { prediction { id } } } }`,
    { input: of(photo) },
  )

const quote = (api: Api, photo: string) =>
  api.field(`query ($input: PredictInput!) { quote(input: $input) { ${ISSUES} } }`, {
    input: of(photo),
  })

const many = (api: Api, photos: string[], allOrNothing = false) =>
  api.field<{
    bulk: { items: { nodes: { result: { __typename: string; issues?: unknown[] } }[] } }
    faults: { index: number; issues: { path: string[] }[] }[]
  }>(
    `mutation ($items: [JSON!]!, $key: String!, $allOrNothing: Boolean!) {
      predictMany(items: $items, idempotencyKey: $key, allOrNothing: $allOrNothing) {
        __typename
        ... on PredictManyPayload { bulk { items { nodes { result { ${ISSUES} } } } } }
        ... on BulkRefusedError { faults { index issues { path } } } } }`,
    { items: photos.map(of), key: randomUUID(), allOrNothing },
  )

/** A user with credits and one upload. */
async function someone() {
  const user = await kit.user({ balance: 100 })
  const api = stack.api(user)
  return { user, api, photo: (await upload(api, await picture('png'))).id }
}

const expire = (id: string) =>
  kit.db.pool.query(
    `UPDATE uploads SET created_at = now() - interval '2 days', expires_at = now() - interval '1 s'
     WHERE id = $1`,
    [id],
  )

const usesOf = ({ userId }: SeededUser) => kit.db.prisma.uploadUse.findMany({ where: { userId } })

it('takes the caller’s own, kept uploads only, and holds nothing for others', async () => {
  const { user, api, photo } = await someone()
  const old = (await upload(api, await picture('jpeg'))).id
  await expire(old)
  const foreign = (await someone()).photo
  const refusals = await Promise.all(
    [old, foreign, randomUUID(), 'no id', photo.toUpperCase()].map((id) => predict(api, of(id))),
  )
  for (const refusal of refusals) expect(refusal).toMatchObject(REFUSED)
  // Another's is told as one that never was.
  const told = refusals.map(({ issues }) => issues?.[0]?.message)
  expect(new Set(told).size).toBe(1)
  for (const id of [old, foreign]) {
    expect(await draft(api, id)).toMatchObject(REFUSED)
    expect(await quote(api, id)).toMatchObject(REFUSED)
  }
  expect(await readWallet(api)).toMatchObject({ available: 100, held: 0 })
  expect(await usesOf(user)).toEqual([])
  expect(await quote(api, photo)).toEqual({ __typename: 'Quote' })
  // What is refused for want of credits is not noted as used either.
  const poor = await kit.user()
  const poorApi = stack.api(poor)
  const own = (await upload(poorApi, await picture('png'))).id
  expect((await predict(poorApi, of(own))).__typename).toBe('InsufficientFundsError')
  expect(await usesOf(poor)).toEqual([])
})

it('pays for a picture, and answers a repeated call after the upload is gone', async () => {
  const { user, api, photo } = await someone()
  const run = { idempotencyKey: randomUUID() }
  const { prediction } = await predict(api, of(photo), run)
  expect(await readWallet(api)).toMatchObject({ available: 90, held: OUTLINE_PRICE })
  const id = await outline(hand, await picture('png'))
  expect(rowIdOf(prediction.id)).toBe(id)
  await expire(photo)
  const again = await predict(api, of(photo), run)
  expect(again).toMatchObject({ replayed: true, prediction: { id: prediction.id } })
  expect(await predict(api, of(photo))).toMatchObject(REFUSED)
  expect(await readWallet(api)).toMatchObject({ available: 90, held: 0 })
  expect(await usesOf(user)).toMatchObject([{ predictionId: id, uploadId: photo }])
  expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
})

it('runs a draft as long as its upload is kept', async () => {
  const { user, api, photo } = await someone()
  const [first, second] = [await draft(api, photo), await draft(api, photo)]
  expect(await usesOf(user)).toEqual([])
  expect(await runDraft(api, first.prediction.id)).toMatchObject({ __typename: 'PredictPayload' })
  // Run again it is refused, and its use stays.
  expect((await runDraft(api, first.prediction.id)).__typename).toBe('ConflictError')
  expect(await usesOf(user)).toHaveLength(1)
  await expire(photo)
  expect(await runDraft(api, second.prediction.id)).toMatchObject(REFUSED)
  await outline(hand, await picture('png'))
})

it('refuses the items of a bulk one by one, or all', async () => {
  const { user, api, photo } = await someone()
  const { photo: foreign } = await someone()
  const { bulk } = await many(api, [photo, foreign, photo])
  expect(bulk.items.nodes.map(({ result }) => result.__typename)).toEqual([
    'Prediction',
    'InvalidInputError',
    'Prediction',
  ])
  expect(bulk.items.nodes[1]?.result.issues).toMatchObject([{ path: ['photo'] }])
  expect(await usesOf(user)).toHaveLength(2)
  expect((await many(api, [photo, foreign], true)).faults).toMatchObject([
    { index: 1, issues: [{ path: ['photo'] }] },
  ])
  expect(await usesOf(user)).toHaveLength(2)
  for (let n = 0; n < 2; n++) await outline(hand, await picture('png'))
  expect(await readWallet(api)).toMatchObject({ available: 80, held: 0 })
})

const PICTURE = `output { ... on ImageOutput {
  url expiresAt keptUntil mediaType width height bytes measures { name } } }`

interface PictureView {
  url: string | null
  expiresAt: string | null
  keptUntil: string
}

const pictureOf = async (api: Api, id: string) =>
  (
    await api.field<{ output: PictureView | null }>(
      `query ($id: ID!) { prediction(id: $id) { ${PICTURE} } }`,
      { id },
    )
  ).output

it('gives its owner a link to the picture, at any server and for minutes only', async () => {
  const { user, api, photo } = await someone()
  const { prediction } = await predict(api, of(photo))
  const png = await picture('png', { width: 900, height: 700 })
  await outline(hand, png)
  const output = await pictureOf(api, prediction.id)
  expect(output).toMatchObject({ mediaType: 'image/png', width: 40, height: 20, measures: [] })
  const { url, expiresAt, keptUntil } = output ?? { url: null, expiresAt: null, keptUntil: '' }
  const leftMs = Date.parse(expiresAt ?? '') - Date.now()
  expect(leftMs).toBeGreaterThan(9 * 60_000)
  expect(leftMs).toBeLessThan(16 * 60_000)
  expect((Date.parse(keptUntil) - Date.now()) / 86_400_000).toBeCloseTo(30, 2)
  expect(url).not.toContain(user.accessToken)
  for (const { url: server } of stack.servers) {
    const response = await fetch(server + url)
    expect(response.status).toBe(200)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(png.length),
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(/^inline; filename="result-[\w-]+\.png"$/),
      'cache-control': expect.stringMatching(/^private, max-age=\d+, immutable$/),
      'content-security-policy': "default-src 'none'; sandbox",
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(png)).toBe(true)
  }
  const server = stack.servers[0]?.url ?? ''
  const refusalOf = async (path: string, method = 'GET') => {
    const response = await fetch(server + path, { method })
    const { error } = (await response.json()) as { error: { code: string } }
    return [response.status, error.code]
  }
  expect((await fetch(server + url, { method: 'HEAD' })).status).toBe(200)
  expect(await refusalOf(url ?? '', 'POST')).toEqual([405, 'METHOD_NOT_ALLOWED'])
  expect(await refusalOf(forged(url ?? ''))).toEqual([403, 'LINK_INVALID'])
  const past = { ...kit.seeds.identity, now: () => new Date(Date.now() - 16 * 60_000) }
  const ref = { kind: 'result' as const, id: rowIdOf(prediction.id) }
  const late = linkTo({ ...kit.seeds, identity: past }, user.userId, ref, new Date(keptUntil))
  expect(await refusalOf(late.path)).toEqual([403, 'LINK_EXPIRED'])
  expect(await refusalOf(`/files/${user.accessToken}`)).toEqual([403, 'LINK_INVALID'])
  expect(await refusalOf('/files/')).toEqual([403, 'LINK_INVALID'])
  // Past what was said it is gone, for the link as for the API.
  await kit.db.pool.query(
    `UPDATE predictions SET queued_at = queued_at - interval '31 days' WHERE id = $1`,
    [rowIdOf(prediction.id)],
  )
  expect(await pictureOf(api, prediction.id)).toMatchObject({ url: null, expiresAt: null })
  expect(await refusalOf(url ?? '')).toEqual([404, 'NOT_FOUND'])
})

it('keeps the picture from an admin, who sees that there is one', async () => {
  const { user, api, photo } = await someone()
  const { prediction } = await predict(api, of(photo))
  await outline(hand, await picture('png'))
  expect((await pictureOf(api, prediction.id))?.url).toBeTruthy()
  const admin = stack.api(await kit.user({ admin: true }))
  const id = Buffer.from(`User:${user.userId}`).toString('base64')
  const told = await admin.field<{ predictions: { nodes: { output: PictureView }[] } }>(
    `query ($id: ID!) { user(id: $id) { predictions(first: 5) { nodes { ${PICTURE} } } } }`,
    { id },
  )
  expect(told.predictions.nodes.map(({ output }) => output)).toMatchObject([
    { url: null, expiresAt: null, width: 40 },
  ])
  expect(await pictureOf(admin, prediction.id).catch(() => null)).toBeNull()
})

/** The same link for another file. */
function forged(url: string): string {
  const [head, claims = '', signature] = url.split('.')
  const said = JSON.parse(Buffer.from(claims, 'base64url').toString())
  const other = Buffer.from(JSON.stringify({ ...said, file: randomUUID() })).toString('base64url')
  return [head, other, signature].join('.')
}

it('does not read a file that is not there, and says so', async () => {
  const { api, photo } = await someone()
  const { prediction } = await predict(api, of(photo))
  const png = await picture('png')
  const id = await outline(hand, png)
  await (await bucketOf(hand)).delete(id)
  const url = (await pictureOf(api, prediction.id))?.url
  expect((await fetch(`${stack.servers[1]?.url}${url}`)).status).toBe(404)
})

it('asks no question of a picture that only numbers have answers to', async () => {
  const { api, photo } = await someone()
  const { prediction } = await predict(api, of(photo))
  const png = await picture('png')
  const { job, message } = await hand.take('outline')
  await hand.settle(outlined(job.id, png))
  message.ack()
  const whatIf = `query ($input: PredictInput!) { whatIf(input: $input) { ${ISSUES} } }`
  expect(await api.field(whatIf, { input: of(photo) })).toMatchObject({
    __typename: 'InvalidInputError',
  })
  const nameOf = (operation: string) =>
    api.field<{ __typename: string }>(operation, { id: prediction.id })
  expect(
    await nameOf(
      'query ($id: ID!) { counterfactual(prediction: $id, target: { atMost: 1 }) { __typename } }',
    ),
  ).toEqual({ __typename: 'CounterfactualUnavailableError' })
})
