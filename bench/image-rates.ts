import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard } from '@presage/models/card/card-schema'
import { DEFAULT_DATA } from '@presage/models/table/read-table'
import type { PredictOutcome, PredictRow } from '@presage/worker/runtimes/open-model'
import sharp from 'sharp'
import { bestOf, sliceOf } from './rows-per-second.js'

const PHOTOS = join(DEFAULT_DATA, 'portraits')

/** What an image model is asked: rows, and the files whose ids stand in them. */
interface ImageModel {
  predict(
    variant: string,
    rows: readonly PredictRow[],
    uploads: ReadonlyMap<string, Uint8Array>,
  ): Promise<PredictOutcome[]>
}

/** Of a megapixel, as they are promised for. */
const PIXELS = 1e6
const QUALITY = 90

/** Images per second of one photo, scaled to a megapixel, from its file to the answer's. */
export interface ImageRates {
  photo: string
  perSecond: number
}

/** The photos to measure with; none where the data is not there. */
export async function benchPhotos(): Promise<string[]> {
  const files = await readdir(PHOTOS, { recursive: true }).catch(() => [])
  return files.filter((file) => /(?<!_mask)\.(jpe?g|png)$/.test(file)).sort()
}

/** A JPEG of a megapixel. */
async function megapixel(file: string): Promise<Uint8Array> {
  const { width, height } = await sharp(file).metadata()
  const scale = Math.sqrt(PIXELS / (width * height))
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) }
  const resized = sharp(file).resize({ ...size, fit: 'fill' })
  return new Uint8Array(await resized.jpeg({ quality: QUALITY }).toBuffer())
}

/** One photo after another, each as often as there is time for. */
export async function imageRates(
  open: ImageModel,
  card: ModelCard,
  variant: string,
): Promise<ImageRates[]> {
  const feature = card.features.find(({ type }) => type === 'upload')
  if (!feature) throw new Error(`${card.name} takes no upload`)
  const rows = [{ values: { [feature.name]: 'photo' }, explain: false }]
  const rates: ImageRates[] = []
  for (const photo of await benchPhotos()) {
    const uploads = new Map([['photo', await megapixel(join(PHOTOS, photo))]])
    const [outcome] = await open.predict(variant, rows, uploads)
    if (!outcome || 'failure' in outcome) throw new Error(`${photo}: ${JSON.stringify(outcome)}`)
    const slice = sliceOf(1, () => open.predict(variant, rows, uploads))
    const best = await bestOf(new Map([[photo, slice]]))
    rates.push({ photo, perSecond: best.get(photo) ?? 0 })
  }
  return rates
}
