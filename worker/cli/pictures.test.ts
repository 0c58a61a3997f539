import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import { deliverTo } from './deliver-picture.js'
import { evaluatePictures } from './evaluate-pictures.js'
import { installedModel } from './installed.js'
import { predictLines } from './predict-lines.js'

const model = await installedModel('portrait-cutout')
const golden = (file: string) => join(model.dir, 'golden', file)
let [open, dir]: [OpenModel | undefined, string] = [undefined, '']
beforeAll(async () => {
  open = await openModel(model)
  dir = await mkdtemp(join(tmpdir(), 'presage-pictures-'))
})
afterAll(async () => {
  open?.close()
  await rm(dir, { recursive: true })
})

const answerSchema = z.looseObject({
  base64: z.string().optional(),
  file: z.string().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
})

async function* lines(...photos: string[]) {
  for (const photo of photos) yield JSON.stringify({ photo })
}

async function predict(out: string | undefined, ...photos: string[]) {
  if (!open) throw new Error('the model is not open')
  const deliver = await deliverTo(out)
  const run = { model, open, variant: 'standard', explain: false, deliver }
  const answers = []
  for await (const line of predictLines(lines(...photos), run))
    answers.push(answerSchema.parse(JSON.parse(line)))
  return answers
}

describe('a picture on the command line', () => {
  it('is written into a folder, by its number', async () => {
    const out = join(dir, 'out')
    const answers = await predict(out, golden('astronaut.jpg'), '/nowhere.jpg', golden('two.webp'))
    expect(answers.map(({ file, error }) => file ?? error?.code)).toEqual([
      ...[join(out, '1.png'), 'UPLOAD_LOST', join(out, '2.png')],
    ])
    const { width, height, hasAlpha } = await sharp(join(out, '2.png')).metadata()
    expect({ width, height, hasAlpha }).toEqual({ width: 780, height: 512, hasAlpha: true })
  })

  it('stands in its line without a folder', async () => {
    const [answer] = await predict(undefined, golden('astronaut.jpg'))
    const png = Buffer.from(answer?.base64 ?? '', 'base64')
    expect(await sharp(png).metadata()).toMatchObject({ width: 512, format: 'png' })
  })
})

describe('photos with masks', () => {
  const metric = (value: number, rows: number) => [{ name: 'meanIou', value, rows }]

  it('are compared, and by how many people they show', async () => {
    const folder = await mkdtemp(join(dir, 'photos-'))
    for (const file of ['astronaut.jpg', 'astronaut_mask.png'])
      await copyFile(golden(file), join(folder, file))
    // Nobody is found in this one, and somebody was drawn: 0.
    const grey = { width: 200, height: 100, channels: 3 as const, background: '#888' }
    await sharp({ create: grey }).png().toFile(join(folder, 'wall.png'))
    await sharp({ create: { ...grey, background: '#fff' } }).toFile(join(folder, 'wall_mask.png'))
    const index = [
      { file: 'astronaut.jpg', persons: 1 },
      { file: 'wall.png', persons: 2 },
    ]
    await writeFile(join(folder, 'index.json'), JSON.stringify(index))
    const told: string[] = []
    const { standard } = await evaluatePictures(model, folder, (photo) => told.push(photo))
    expect(told).toEqual([join(folder, 'astronaut.jpg'), join(folder, 'wall.png')])
    expect(standard?.metrics?.[0]).toMatchObject({ name: 'meanIou', rows: 2 })
    expect(Number(standard?.metrics?.[0]?.value)).toBeCloseTo(0.5, 2)
    expect(standard?.subgroups).toMatchObject([
      { group: '1', metrics: [{ rows: 1 }] },
      { group: '2', metrics: metric(0, 1) },
    ])
  })

  it('must be of one size with their masks', async () => {
    const folder = await mkdtemp(join(dir, 'photos-'))
    await copyFile(golden('astronaut.jpg'), join(folder, 'a.jpg'))
    await writeFile(join(folder, 'a_mask.png'), await readFile(golden('two_mask.png')))
    await expect(evaluatePictures(model, folder, () => undefined)).rejects.toThrow('780 × 512')
  })

  it('must be there', async () => {
    await expect(evaluatePictures(model, join(dir, 'none'), () => undefined)).rejects.toThrow(
      'has no photo with its <name>_mask.png',
    )
  })
})
