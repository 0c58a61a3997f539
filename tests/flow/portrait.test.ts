import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import sharp from 'sharp'
import { beforeAll, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { openKit } from '../kit/kit.js'
import { readWallet, rowIdOf } from '../kit/operations.js'
import type { Stack } from '../kit/stack.js'
import { bucketOf, upload } from '../kit/uploads.js'

const kit = await openKit()
const portrait = await readFile(join(MODELS_DIR, 'portrait-cutout', 'golden', 'astronaut.jpg'))

let stack: Stack
beforeAll(async () => {
  stack = await kit.stack({ env: { MODELS: 'portrait-cutout' } })
})

interface Sold {
  __typename: string
  prediction: {
    id: string
    status: string
    charge: { captured: number; released: number; held: number }
    failure: { code: string } | null
    explanation: null
    output: { url: string; mediaType: string; width: number; height: number } | null
  }
}

const cutOut = (api: Api, photo: string) =>
  api.field<Sold>(
    `mutation ($input: PredictInput!, $run: RunInput!) {
      predict(input: $input, run: $run) {
        __typename
        ... on PredictPayload {
          prediction {
            id status charge { captured released held } failure { code } explanation { method }
            output { ... on ImageOutput { url mediaType width height } }
          }
        }
      }
    }`,
    {
      input: { portraitCutout: { features: { photo } } },
      run: { idempotencyKey: randomUUID(), explain: true, waitMs: 30_000 },
    },
  )

it('sells a person cut out of a photo, at full size, by a link', async () => {
  const api = stack.api(await kit.user({ balance: 25 }))
  const { id, width, height } = await upload(api, portrait)
  const { prediction } = await cutOut(api, id)
  expect(prediction).toMatchObject({
    ...{ status: 'SUCCEEDED', failure: null, explanation: null },
    charge: { captured: 10, released: 0, held: 0 },
    output: { mediaType: 'image/png', width, height },
  })
  const response = await fetch(new URL(prediction.output?.url ?? '', api.url))
  expect(response.headers.get('content-type')).toBe('image/png')
  const png = Buffer.from(await response.arrayBuffer())
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  expect(info).toMatchObject({ width, height, channels: 4 })
  const alphaAt = (x: number, y: number) => data[4 * (y * width + x) + 3]
  // Her face, and the corner beside it.
  expect([alphaAt(220, 120), alphaAt(505, 5)]).toEqual([255, 0])
  expect(await readWallet(api)).toMatchObject({ available: 15, held: 0 })
})

it('gives the credits back when the photo was lost on its way', async () => {
  const api = stack.api(await kit.user({ balance: 10 }))
  const { id } = await upload(api, portrait)
  await (await bucketOf(await stack.hand())).delete(id)
  const { prediction } = await cutOut(api, id)
  expect(prediction).toMatchObject({
    ...{ status: 'FAILED', failure: { code: 'UPLOAD_LOST' }, output: null },
    charge: { captured: 0, released: 10, held: 0 },
  })
  expect(await readWallet(api)).toMatchObject({ available: 10, held: 0 })
})

it('gives them back, too, when there is nobody in it', async () => {
  const api = stack.api(await kit.user({ balance: 10 }))
  const sky = sharp({ create: { width: 300, height: 200, channels: 3, background: '#48c' } })
  const { id } = await upload(api, await sky.jpeg().toBuffer())
  const { prediction } = await cutOut(api, id)
  expect(prediction).toMatchObject({ status: 'FAILED', failure: { code: 'NO_PERSON' } })
  expect(await readWallet(api)).toMatchObject({ available: 10, held: 0 })
})

it('takes no photo of somebody else, and holds nothing', async () => {
  const owner = stack.api(await kit.user())
  const other = stack.api(await kit.user({ balance: 10 }))
  const { id } = await upload(owner, portrait)
  expect(await cutOut(other, id)).toMatchObject({ __typename: 'InvalidInputError' })
  expect(await readWallet(other)).toMatchObject({ available: 10, held: 0 })
})

it('computes a picture again as long as both are kept, unbilled, and says whether it is the same', async () => {
  const api = stack.api(await kit.user({ balance: 10 }))
  const { id } = await upload(api, portrait)
  const { prediction } = await cutOut(api, id)
  const replay = () =>
    api.field(
      `mutation ($id: ID!) {
        replay(prediction: $id) {
          __typename
          ... on ReplayPayload {
            agrees sameArtifact difference output { ... on ImageOutput { url width height } }
          }
          ... on NotReplayableError { message }
        }
      }`,
      { id: prediction.id },
    )
  const { url, width, height } = prediction.output ?? {}
  expect(await replay()).toEqual({
    ...{ __typename: 'ReplayPayload', agrees: true, sameArtifact: true, difference: 0 },
    output: { url, width, height },
  })
  expect(await readWallet(api)).toMatchObject({ available: 0, held: 0 })

  // A picture of another photo stands in its place: that is told, and by how much.
  const bucket = await bucketOf(await stack.hand())
  const empty = { width: 512, height: 512, channels: 4, background: '#0000' } as const
  const nothing = await sharp({ create: empty }).png().toBuffer()
  await bucket.putBlob({ name: rowIdOf(prediction.id) }, nothing)
  expect(await replay()).toMatchObject({ agrees: false, difference: 1 })

  await bucket.delete(id)
  expect(await replay()).toEqual({
    __typename: 'NotReplayableError',
    message: 'The upload is not there any more, or is damaged.',
  })
  await kit.db.prisma.upload.update({
    where: { id },
    data: { createdAt: new Date(0), expiresAt: new Date(1) },
  })
  expect(await replay()).toEqual({
    __typename: 'NotReplayableError',
    message: 'Its original or its picture is not kept any more.',
  })
})
