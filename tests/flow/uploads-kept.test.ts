import type { Domain } from '@presage/domain/domain'
import { eraseAccount } from '@presage/domain/privacy/erase-account'
import { exportAccount } from '@presage/domain/privacy/export-account'
import { removeOrphans } from '@presage/domain/uploads/remove-orphans'
import { sweepFiles } from '@presage/domain/uploads/sweep-files'
import { ObjectFiles } from '@presage/server/files/object-files'
import { Broker } from '@presage/server/jobs/broker'
import { pino } from 'pino'
import { v7 as uuidv7 } from 'uuid'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Api } from '../kit/api.js'
import type { HandWorker } from '../kit/hand-worker.js'
import { outlineFolder } from '../kit/image-model.js'
import { openKit } from '../kit/kit.js'
import { cancel, predict, rowIdOf } from '../kit/operations.js'
import { picture } from '../kit/pictures.js'
import type { Stack } from '../kit/stack.js'
import { bucketOf, filesOf, outline, upload } from '../kit/uploads.js'

const kit = await openKit()
const dir = await outlineFolder()

let stack: Stack
let hand: HandWorker
beforeAll(async () => {
  stack = await kit.stack({ workers: 0, env: { MODELS_DIR: dir } })
  hand = await stack.hand()
})

/** A server's domain, for what its loops do once a minute or an hour. */
async function keeper(): Promise<Domain> {
  const log = pino({ level: 'silent' })
  const broker = new Broker([stack.nats.url], log)
  const files = new ObjectFiles(broker, { maxBytes: 4 * 1024 ** 3, replicas: 1 }, log)
  broker.start()
  onTestFinished(() => broker.close(1000))
  await expect.poll(() => broker.connection !== null).toBe(true)
  return { ...kit.seeds, files }
}

async function someone() {
  const user = await kit.user({ balance: 100 })
  const api = stack.api(user)
  return { user, api, photo: (await upload(api, await picture('png'))).id }
}

const outlineOf = async (api: Api, photo: string) =>
  (await predict(api, { outline: { features: { photo } } })).prediction.id

const expire = (id: string) =>
  kit.db.pool.query(
    `UPDATE uploads SET created_at = now() - interval '2 days', expires_at = now() - interval '61 s'
     WHERE id = $1`,
    [id],
  )

/** Lets so many days pass for what a prediction was made of and came to. */
const age = async (id: string, days: number) => {
  const shift = `- make_interval(days => $2)`
  await kit.db.pool.query(
    `UPDATE upload_uses SET used_at = used_at ${shift} WHERE prediction_id = $1`,
    [id, days],
  )
  await kit.db.pool.query(`UPDATE predictions SET queued_at = queued_at ${shift} WHERE id = $1`, [
    id,
    days,
  ])
}

it('removes an upload when its time is over, but not from under an open prediction', async () => {
  const domain = await keeper()
  const { api, photo } = await someone()
  const { photo: other } = await someone()
  await outlineOf(api, photo)
  await Promise.all([expire(photo), expire(other)])
  await sweepFiles(domain)
  expect(await filesOf(hand)).toContain(photo)
  expect(await filesOf(hand)).not.toContain(other)
  expect(await kit.db.prisma.upload.findUnique({ where: { id: other } })).toBeNull()
  const result = await outline(hand, await picture('png'))
  await sweepFiles(domain)
  expect(await filesOf(hand)).not.toContain(photo)
  expect(await kit.db.prisma.upload.findUnique({ where: { id: photo } })).toBeNull()
  // What came of it has a time of its own.
  expect(await filesOf(hand)).toContain(result)
  await age(result, 29)
  await sweepFiles(domain)
  expect(await filesOf(hand)).toContain(result)
  await age(result, 2)
  await sweepFiles(domain)
  expect(await filesOf(hand)).not.toContain(result)
  expect(await kit.db.prisma.uploadUse.count({ where: { predictionId: result } })).toBe(0)
})

it('removes what nothing speaks of any more, and nothing else', async () => {
  const domain = await keeper()
  const { api, photo } = await someone()
  const kept = await outlineOf(api, photo)
  await outline(hand, await picture('png'))
  const canceled = rowIdOf(await outlineOf(api, photo))
  const open = rowIdOf(await outlineOf(api, photo))
  await cancel(api, Buffer.from(`Prediction:${canceled}`).toString('base64'))
  const [cutOff, underWay] = [uuidv7({ msecs: Date.now() - 7_200_000 }), uuidv7()]
  const bucket = await bucketOf(hand)
  for (const name of [canceled, open, cutOff, underWay])
    await bucket.putBlob({ name }, await picture('png'))
  const later = new Date(Date.now() + 3_601_000)
  const names = () => filesOf(hand)
  await removeOrphans(domain)
  expect(await names()).toEqual(expect.arrayContaining([underWay, canceled]))
  expect(await names()).not.toContain(cutOff)
  await removeOrphans({ ...domain, identity: { ...domain.identity, now: () => later } })
  expect(await names()).toEqual(expect.arrayContaining([photo, rowIdOf(kept), open]))
  for (const gone of [canceled, underWay]) expect(await names()).not.toContain(gone)
  await outline(hand, await picture('png'))
})

const GALLERY = `query ($first: Int, $after: String) { viewer { gallery(first: $first, after: $after) {
  nodes { id url expiresAt keptUntil mediaType bytes width height createdAt
    predictions { id status output { ... on ImageOutput { url } } } }
  pageInfo { hasNextPage endCursor }
} } }`

interface GalleryView {
  nodes: {
    id: string
    url: string
    mediaType: string
    predictions: { id: string; status: string; output: { url: string } | null }[]
  }[]
  pageInfo: { hasNextPage: boolean; endCursor: string }
}

const gallery = async (api: Api, first: number, after?: string) =>
  (await api.field<{ gallery: GalleryView }>(GALLERY, { first, after })).gallery

it('shows originals with what was made of them, newest first, to their owner', async () => {
  const { api, photo } = await someone()
  const second = (await upload(api, await picture('jpeg', { width: 60, height: 30 }))).id
  const third = (await upload(api, await picture('webp'))).id
  const made = [await outlineOf(api, second), await outlineOf(api, second)]
  const png = await picture('png')
  for (let n = 0; n < 2; n++) await outline(hand, png)
  await expire(third)
  const page = await gallery(api, 1)
  expect(page.nodes).toMatchObject([{ id: second, mediaType: 'image/jpeg', width: 60, height: 30 }])
  expect(page.nodes[0]?.predictions.map(({ id }) => id)).toEqual(made.reverse())
  const { status, output } = page.nodes[0]?.predictions[0] ?? { status: '', output: null }
  expect(status).toBe('SUCCEEDED')
  const server = stack.servers[0]?.url
  const fetched = await fetch(`${server}${output?.url}`)
  expect(Buffer.from(await fetched.arrayBuffer()).equals(png)).toBe(true)
  const original = await fetch(`${server}${page.nodes[0]?.url}`)
  expect(original.headers.get('content-type')).toBe('image/jpeg')
  expect(page.pageInfo.hasNextPage).toBe(true)
  const next = await gallery(api, 5, page.pageInfo.endCursor)
  expect(next.nodes.map(({ id, predictions }) => [id, predictions])).toEqual([[photo, []]])
  expect((await gallery(stack.api(await kit.user()), 5)).nodes).toEqual([])
})

it('exports what is kept, and erases it with the account', async () => {
  const domain = await keeper()
  const { user, api, photo } = await someone()
  await outlineOf(api, photo)
  const result = await outline(hand, await picture('png'))
  const url = (await gallery(api, 1)).nodes[0]
  const records = []
  for await (const page of exportAccount(domain, user, null)) records.push(...page.records)
  expect(records.filter(({ section }) => section === 'uploads')).toMatchObject([
    { id: photo, mediaType: 'image/png', width: 40, height: 20 },
  ])
  const open = await outlineOf(api, photo)
  await eraseAccount(domain, user.userId)
  for (const name of [photo, result]) expect(await filesOf(hand)).not.toContain(name)
  const where = { userId: user.userId }
  expect(await kit.db.prisma.upload.count({ where })).toBe(0)
  expect(await kit.db.prisma.uploadUse.count({ where })).toBe(0)
  const { status } = await kit.db.prisma.prediction.findUniqueOrThrow({
    where: { id: rowIdOf(open) },
  })
  expect(status).toBe('CANCELED')
  const server = stack.servers[0]?.url
  for (const link of [url?.url, url?.predictions[0]?.output?.url])
    expect((await fetch(`${server}${link}`)).status).toBe(404)
})

it('says 503 while the files cannot be reached', async () => {
  const { api } = await someone()
  const link = (await gallery(api, 1)).nodes[0]?.url
  const bytes = await picture('png')
  await stack.nats.stop()
  const response = await fetch(`${stack.servers[0]?.url}${link}`)
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1'])
  await expect(upload(api, bytes)).rejects.toThrow('UNAVAILABLE')
  expect((await gallery(api, 5)).nodes).toHaveLength(1)
})
