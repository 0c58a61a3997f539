import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type DownloadError,
  type ImageProgress,
  InvalidInputError,
  type PredictInput,
} from '@presage/client'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import { beforeAll, expect, it } from 'vitest'
import type { HandWorker } from '../kit/hand-worker.js'
import { outlineFolder } from '../kit/image-model.js'
import { openKit } from '../kit/kit.js'
import { openPresage } from '../kit/open-presage.js'
import { picture } from '../kit/pictures.js'
import type { Stack } from '../kit/stack.js'
import { outline } from '../kit/uploads.js'

const kit = await openKit()
const dir = await outlineFolder()
const CUTOUT = 'portrait-cutout'
await cp(join(MODELS_DIR, CUTOUT), join(dir, CUTOUT), { recursive: true })

let stack: Stack
let hand: HandWorker
beforeAll(async () => {
  stack = await kit.stack({ workers: 0, env: { MODELS_DIR: dir } })
  hand = await stack.hand()
})

/** A model of the tests is none that this package's types know. */
const input = (photo: string) => ({ outline: { features: { photo } } }) as unknown as PredictInput

const someone = async () => openPresage(stack.servers[0], await kit.user({ balance: 100 }))

it('uploads, predicts and downloads', async () => {
  const presage = await someone()
  const photo = await presage.uploadImage(await picture('jpeg'))
  expect(photo).toMatchObject({ width: 40, height: 20 })
  await expect(presage.uploadImage(new Blob(['no image']))).rejects.toThrow(InvalidInputError)
  const { prediction } = await presage.predict(input(photo.id))
  const png = await picture('png', { width: 300, height: 200 })
  await outline(hand, png)
  const output = (await presage.prediction(prediction.id))?.output
  if (output?.__typename !== 'ImageOutput') throw new Error('no picture came')
  const blob = await presage.download(output)
  expect(blob.type).toBe('image/png')
  expect(Buffer.from(await blob.arrayBuffer()).equals(png)).toBe(true)
  for await (const { id, mediaType, predictions, url } of presage.gallery()) {
    expect([id, mediaType]).toEqual([photo.id, 'image/jpeg'])
    expect(predictions.map((each) => each.id)).toEqual([prediction.id])
    expect((await presage.download({ url })).size).toBeGreaterThan(0)
  }
  const errorOf = (url: string | null) =>
    presage.download({ url }).catch((error: DownloadError) => [error.name, error.code])
  expect(await errorOf(null)).toEqual(['DownloadError', 'NOT_FOUND'])
  expect(await errorOf('/files/none')).toEqual(['DownloadError', 'LINK_INVALID'])
})

it('has pictures made of several photos at once, and tells how they get on', async () => {
  const presage = await someone()
  const photos = [await picture('jpeg'), await picture('gif'), await picture('png')]
  const png = await picture('png')
  const told: ImageProgress[] = []
  for await (const progress of presage.images(photos, { input })) {
    told.push(progress)
    const isLast = told.filter(({ stage }) => stage !== 'ENDED').length === 3
    // Nothing more is uploaded: the two jobs come.
    if (isLast && progress.stage !== 'ENDED') void outline(hand, png).then(() => outline(hand, png))
  }
  expect(told.slice(0, 3).map(({ index, stage }) => [index, stage])).toEqual([
    [0, 'UPLOADED'],
    [1, 'REFUSED'],
    [2, 'UPLOADED'],
  ])
  const ended = told.slice(3)
  expect(ended.map(({ index }) => index).sort()).toEqual([0, 2])
  for (const each of ended)
    expect(each).toMatchObject({ stage: 'ENDED', prediction: { status: 'SUCCEEDED' } })
  expect((await presage.wallet())?.available).toBe(80)
})

it('cuts people out unless it is told what to make of photos', async () => {
  const presage = await someone()
  const png = await picture('png')
  const told: ImageProgress[] = []
  for await (const progress of presage.images([await picture('jpeg')])) {
    told.push(progress)
    if (progress.stage === 'UPLOADED') void outline(hand, png, CUTOUT)
  }
  const succeeded = { status: 'SUCCEEDED', model: { name: CUTOUT } }
  expect(told).toMatchObject([{ stage: 'UPLOADED' }, { stage: 'ENDED', prediction: succeeded }])
})
