import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import sharp from 'sharp'
import { expect, it } from 'vitest'
import { modelsFolder } from '../../kit/line-model.js'
import { Bucket } from './bucket.js'
import { codeOf, type Stage, setStage, settled, WITHIN } from './stage.js'

const THREAD = new URL('../../../worker/consume/inference-thread.ts', import.meta.url)
const CUTOUT = { model: 'portrait-cutout', version: '1.0.0', variant: 'standard' } as const
const QUEUE = [CUTOUT.model, CUTOUT.version] as const

const portrait = await readFile(join(MODELS_DIR, CUTOUT.model, 'golden', 'astronaut.jpg'))

/** A worker of the real model alone. */
async function work({ work }: Stage, env: Record<string, string> = {}) {
  const dir = await modelsFolder()
  await cp(join(MODELS_DIR, CUTOUT.model), join(dir, CUTOUT.model), { recursive: true })
  return work({ MODELS_DIR: dir, DRAIN_MS: '5000', ...env }, THREAD)
}

const cutOut = ({ server }: Stage, photo: string, id?: string) =>
  server.publish({ photo }, id ? { ...CUTOUT, id } : CUTOUT)

const outcome = ({ server }: Stage, id: string) => codeOf(server.resultsOf(id)[0])

/** A portrait as a phone held upright files it: lying, with a note of how to turn it. */
async function lying() {
  const upright = await sharp(portrait).resize(900, 1200, { fit: 'cover' }).png().toBuffer()
  return sharp(upright).rotate(-90).withMetadata({ orientation: 6 }).jpeg().toBuffer()
}

it('cuts out a photo, and files the picture before it says so', async () => {
  const stage = await setStage()
  const bucket = await Bucket.create(stage)
  await work(stage)
  const id = await cutOut(stage, await bucket.upload(await lying()))
  await settled(stage)
  const png = (await bucket.store.getBlob(id)) ?? new Uint8Array()
  expect(stage.server.resultsOf(id)).toMatchObject([
    {
      outcome: 'succeeded',
      output: {
        ...{ kind: 'image', mediaType: 'image/png', width: 900, height: 1200, bytes: png.length },
        measures: [{ name: 'share', unit: '%' }],
      },
    },
  ])
  const { width, height, format, hasAlpha } = await sharp(png).metadata()
  expect({ width, height, format, hasAlpha }).toEqual({
    ...{ width: 900, height: 1200, format: 'png', hasAlpha: true },
  })
  const alpha = await sharp(png).extractChannel('alpha').raw().toBuffer()
  const at = (x: number, y: number) => alpha[y * 900 + x]
  // Her face, and the corner beside it.
  expect([at(370, 330), at(890, 10)]).toEqual([255, 0])
}, 60_000)

it('writes one object for a job that is computed twice', async () => {
  const stage = await setStage()
  const bucket = await Bucket.create(stage)
  await work(stage)
  const photo = await bucket.upload(portrait)
  const id = await cutOut(stage, photo)
  await settled(stage)
  const once = await bucket.store.status()
  await cutOut(stage, photo, id)
  await settled(stage)
  const twice = await bucket.store.status()
  expect(stage.server.resultsOf(id).map(codeOf)).toEqual(['succeeded', 'succeeded'])
  expect(twice.streamInfo.state.messages).toBe(once.streamInfo.state.messages)
  expect((await bucket.store.list()).map(({ name }) => name).sort()).toEqual([id, photo].sort())
}, 60_000)

it('fails what is lost or broken, each alone, and for its own reason', async () => {
  const stage = await setStage()
  const bucket = await Bucket.create(stage)
  const [whole, torn, spoilt, text, cut] = await Promise.all([
    bucket.upload(portrait),
    bucket.upload(await sharp(portrait).resize(1500).png().toBuffer()),
    bucket.upload(portrait),
    bucket.upload(new TextEncoder().encode('<svg width="9" height="9"/>')),
    bucket.upload(portrait.subarray(0, 20_000)),
  ])
  await bucket.loseLastPart(torn)
  await bucket.spoil(spoilt)
  const photos = ['0192f0c1-0000-7000-8000-000000000009', torn, spoilt, text, cut, whole]
  const ids = await Promise.all(photos.map((photo) => cutOut(stage, photo)))
  await work(stage)
  await settled(stage)
  expect(ids.map((id) => outcome(stage, id))).toEqual([
    ...['UPLOAD_LOST', 'UPLOAD_LOST', 'UPLOAD_LOST'],
    ...['UPLOAD_UNSUPPORTED', 'UPLOAD_UNREADABLE', 'succeeded'],
  ])
}, 60_000)

it('keeps jobs while there is no store, and loses none of their attempts', async () => {
  const stage = await setStage()
  const bucket = await Bucket.create(stage)
  const photo = await bucket.upload(portrait)
  await bucket.store.destroy()
  const ids = await Promise.all([cutOut(stage, photo), cutOut(stage, photo)])
  await work(stage, { MAX_ATTEMPTS: '1' })
  await expect.poll(() => stage.server.queue(QUEUE), WITHIN).toMatchObject({ inHand: 2 })
  const again = await Bucket.create(stage)
  await again.store.putBlob({ name: photo }, portrait)
  await settled(stage)
  expect(ids.map((id) => outcome(stage, id))).toEqual(['succeeded', 'succeeded'])
  expect((await stage.server.queue(QUEUE)).deliveries).toBe(2)
}, 60_000)
