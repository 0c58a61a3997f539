import { createApiKey } from '@presage/domain/identity/create-api-key'
import type { ApiKeyScope } from '@presage/domain/viewer'
import { beforeAll, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import type { HandWorker } from '../kit/hand-worker.js'
import { outlineFolder } from '../kit/image-model.js'
import { openKit } from '../kit/kit.js'
import { headOfPng, picture, turnedPicture } from '../kit/pictures.js'
import type { SeededUser } from '../kit/seed-user.js'
import type { Stack } from '../kit/stack.js'
import { filesOf, postFile, upload } from '../kit/uploads.js'

const kit = await openKit()
const dir = await outlineFolder()

let stack: Stack
let hand: HandWorker
beforeAll(async () => {
  const env = { MODELS_DIR: dir, UPLOADS_PER_DAY: '4', UPLOADS_KEPT_DAYS: '2' }
  stack = await kit.stack({ workers: 0, env })
  hand = await stack.hand()
})

async function keyOf(user: SeededUser, scope: ApiKeyScope): Promise<Api> {
  const wanted = { name: scope, scopes: [scope], expiresAt: null, requestsPerMinute: 60_000 }
  const { text } = await createApiKey(kit.seeds.identity, user.userId, wanted)
  return stack.api({ accessToken: text })
}

const rowsOf = ({ userId }: SeededUser) => kit.db.prisma.upload.findMany({ where: { userId } })

it.each(['jpeg', 'png', 'webp'] as const)('takes a %s, whatever it is called', async (format) => {
  const user = await kit.user()
  const bytes = await picture(format)
  const { expiresAt, ...taken } = await upload(stack.api(user), bytes)
  expect(taken).toMatchObject({ __typename: 'UploadImagePayload', width: 40, height: 20 })
  const dueMs = Date.parse(expiresAt) - Date.now()
  expect(dueMs / 86_400_000).toBeCloseTo(2, 2)
  expect(await rowsOf(user)).toMatchObject([
    { id: taken.id, mediaType: `image/${format}`, bytes: bytes.length },
  ])
  expect(await filesOf(hand)).toContain(taken.id)
})

it('tells the size of a photo that lies on its side as it is looked at', async () => {
  const taken = await upload(stack.api(await kit.user()), await turnedPicture())
  expect(taken).toMatchObject({ width: 20, height: 40 })
})

it('refuses what is no such image, too many pixels or too many bytes, and keeps nothing', async () => {
  const user = await kit.user()
  const api = stack.api(user)
  const before = await filesOf(hand)
  const large = Buffer.concat([await picture('png'), Buffer.alloc(25 * 1024 * 1024)])
  const refusals = [
    await upload(api, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    await upload(api, await picture('gif')),
    await upload(api, Buffer.from('ffd8ffe000104a46494600', 'hex')),
    await upload(api, headOfPng(10_000, 5001)),
    await upload(api, large),
    await upload(api, Buffer.alloc(0)),
  ]
  for (const each of refusals)
    expect(each).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['file'] }] })
  expect(refusals.map(({ issues }) => issues?.[0]?.max)).toEqual([
    null,
    null,
    null,
    50_000_000,
    26_214_400,
    null,
  ])
  expect(await rowsOf(user)).toEqual([])
  expect(await filesOf(hand)).toEqual(before)
  // They do not count: four more are good.
  for (let n = 0; n < 4; n++) expect((await upload(api, await picture('png'))).id).toBeTruthy()
  const { __typename, retryAfterMs } = await upload(api, await picture('png'))
  expect(__typename).toBe('RateLimitedError')
  expect(retryAfterMs).toBeGreaterThan(0)
  expect(await rowsOf(user)).toHaveLength(4)
  expect(await filesOf(hand)).toHaveLength(before.length + 4)
})

it('takes exactly so many of many that come at once', async () => {
  const user = await kit.user()
  const api = stack.api(user)
  const bytes = await picture('jpeg')
  const answers = await Promise.all(Array.from({ length: 12 }, () => upload(api, bytes)))
  const names = answers.map(({ __typename }) => __typename)
  expect(names.filter((name) => name === 'UploadImagePayload')).toHaveLength(4)
  expect(names.filter((name) => name === 'RateLimitedError')).toHaveLength(8)
  expect(await rowsOf(user)).toHaveLength(4)
})

it('reads no form that another site could send, of nobody, or that is too long', async () => {
  const user = await kit.user()
  const api = stack.api(user)
  const bytes = await picture('png')
  const codeOf = async (...call: Parameters<typeof postFile>) => {
    const { status, errors } = await postFile(...call)
    return [status, errors?.[0]?.extensions.code]
  }
  expect(await codeOf(api, bytes, {})).toEqual([403, 'CSRF'])
  expect(await codeOf(stack.api(), bytes)).toEqual([401, 'UNAUTHENTICATED'])
  const tooLong = Buffer.alloc(27 * 1024 * 1024)
  expect(await codeOf(api, tooLong)).toEqual([413, 'REQUEST_ENTITY_TOO_LARGE'])
  // Cut off while it comes, a body counts as one that cannot be read.
  expect(await postUnsized(api, tooLong)).toBe(400)
  expect(await rowsOf(user)).toEqual([])
})

/** Streams a body whose length is not told. */
async function postUnsized({ url, accessToken }: Api, body: Buffer): Promise<number> {
  const head = Buffer.from('--x\r\ncontent-disposition: form-data; name="0"; filename="a"\r\n\r\n')
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'multipart/form-data; boundary=x',
      'graphql-require-preflight': '1',
      authorization: `Bearer ${accessToken}`,
    },
    body: new Blob([new Uint8Array(Buffer.concat([head, body]))]).stream(),
    duplex: 'half',
  } as RequestInit)
  return response.status
}

it('is open to API keys that may predict, and to no other', async () => {
  const user = await kit.user()
  const bytes = await picture('png')
  expect(await upload(await keyOf(user, 'PREDICT'), bytes)).toMatchObject({ width: 40 })
  const { errors } = await postFile(await keyOf(user, 'READ'), bytes)
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', scope: 'PREDICT' })
})

it('takes no file that is none', async () => {
  const { errors } = await stack
    .api(await kit.user())
    .ask('mutation { uploadImage(file: "photo.png") { __typename } }')
  expect(errors?.[0]?.message).toBeTruthy()
  expect(errors?.[0]?.extensions.code).not.toBe('INTERNAL')
})
