import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type GoldenRow, readGolden } from '@presage/models/card/golden'
import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { maskIou } from '../../portrait/mask-iou.js'
import { type OpenModel, openModel } from '../open-model.js'

const catalogue = await loadCatalogue()

/** The shipped model of the task image. */
function portraitCutout(): InstalledModel {
  const model = catalogue.model('portrait-cutout')
  if (!model) throw new Error('portrait-cutout is not shipped')
  return model
}

const model = portraitCutout()
const fileOf = (path: string) => readFile(join(model.dir, path))
let open: OpenModel
beforeAll(async () => {
  open = await openModel(model)
})
afterAll(() => open.close())

/** One row for each file; `undefined` is an upload that is lost. */
async function cutOut(...files: (Uint8Array | undefined)[]) {
  const uploads = new Map<string, Uint8Array>()
  files.forEach((file, index) => {
    if (file) uploads.set(String(index), file)
  })
  const rows = files.map((_, index) => ({ values: { photo: String(index) }, explain: true }))
  return open.predict('standard', rows, uploads)
}

async function expectGolden({ input, output, tolerance }: GoldenRow) {
  if (!('mask' in output)) throw new Error('a golden row without a mask')
  const [outcome] = await cutOut(await fileOf(String(input.photo)))
  if (!outcome || !('output' in outcome)) throw new Error(JSON.stringify(outcome))
  const { width, height } = output
  expect(outcome.output).toMatchObject({ kind: 'image', width, height })
  const iou = await maskIou(outcome.file, await fileOf(output.mask))
  expect(iou).toBeGreaterThanOrEqual(1 - tolerance)
}

it('draws its golden pictures', async () => {
  const golden = await readGolden(model)
  expect(golden.length).toBeGreaterThan(1)
  for (const row of golden) await expectGolden(row)
})

it('fails a bad row alone, for its own reason', async () => {
  const photo = await fileOf('golden/astronaut.jpg')
  const nobody = await sharp({
    create: { width: 300, height: 200, channels: 3, background: '#48c' },
  })
    .png()
    .toBuffer()
  const outcomes = await cutOut(photo, undefined, new Uint8Array(), nobody, photo)
  expect(outcomes.map((outcome) => ('failure' in outcome ? outcome.failure.code : 'fine'))).toEqual(
    ['fine', 'UPLOAD_LOST', 'UPLOAD_UNSUPPORTED', 'NO_PERSON', 'fine'],
  )
})

it('hides no background, and keeps the transparency that a photo has', async () => {
  const { data, info } = await sharp(await fileOf('golden/astronaut.jpg'))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true })
  // The lower half of the photo is half transparent.
  for (let at = 4 * 512 * 256 + 3; at < data.length; at += 4) data[at] = 128
  const png = await sharp(data, { raw: { ...info, channels: 4 } })
    .png()
    .toBuffer()
  const [outcome] = await cutOut(png)
  if (!outcome || !('file' in outcome)) throw new Error(JSON.stringify(outcome))
  const drawn = await sharp(outcome.file).raw().toBuffer()
  const at = (x: number, y: number) => [...drawn.subarray(4 * (y * 512 + x), 4 * (y * 512 + x) + 4)]
  expect(at(505, 5)).toEqual([0, 0, 0, 0])
  expect([at(220, 120)[3], at(220, 400)[3]]).toEqual([255, 128])
})

it('refuses a card of another kind', async () => {
  const features = model.card.features.map((feature) => ({ ...feature, type: 'float' as const }))
  await expect(openModel({ ...model, card: { ...model.card, features } })).rejects.toThrow(
    'selfie-segmentation.tflite cannot be used: it needs a card of the task image',
  )
})
