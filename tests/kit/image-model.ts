import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** The price of a picture of the model "outline", in credits. */
export const OUTLINE_PRICE = 10

/**
 * A folder with the model "outline" of pictures, which only a worker moved by hand computes; it ends
 * with the test file.
 */
export async function outlineFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'presage-models-'))
  afterAll(() => rm(dir, { recursive: true, force: true }))
  const folder = join(dir, 'outline')
  const artifact = 'nobody reads this'
  const sha256 = createHash('sha256').update(artifact).digest('hex')
  await mkdir(folder)
  await writeFile(join(folder, 'outline.json'), artifact)
  await writeFile(join(folder, 'golden.ndjson'), '')
  // JSON is YAML, too.
  await writeFile(join(folder, 'model.yaml'), JSON.stringify(cardOf(sha256)))
  return dir
}

const cardOf = (sha256: string) => ({
  name: 'outline',
  title: 'Outline',
  version: '1.0.0',
  task: 'image',
  summary: 'A picture out of a picture',
  intendedUse: 'Tests',
  limits: ['Means nothing'],
  output: { title: 'Outline', mediaType: 'image/png' },
  golden: 'golden.ndjson',
  features: [
    { name: 'photo', title: 'Photo', type: 'upload', required: true, example: 'photo.png' },
  ],
  variants: [
    {
      ...{ name: 'plain', title: 'Plain', summary: 'An outline', price: OUTLINE_PRICE },
      ...{ runtime: 'by-hand', artifact: 'outline.json', sha256 },
    },
  ],
  trainingData: {
    ...{ source: 'Invented', licence: 'None needed', citation: 'None', selection: 'All' },
    ...{ rows: 1, sha256: 'a'.repeat(64) },
  },
})
