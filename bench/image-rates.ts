import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard } from '@presage/models/card/card-schema'
import { DEFAULT_DATA } from '@presage/models/table/read-table'
import type { PredictOutcome, PredictRow } from '@presage/worker/runtimes/open-model'
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

/** Images per second of one photo, from its file to the file of the answer. */
export interface ImageRates {
  photo: string
  perSecond: number
}

/** The photos to measure with; none where the data is not there. */
export async function benchPhotos(): Promise<string[]> {
  const files = await readdir(PHOTOS, { recursive: true }).catch(() => [])
  return files.filter((file) => /(?<!_mask)\.(jpe?g|png)$/.test(file)).sort()
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
    const uploads = new Map([['photo', await readFile(join(PHOTOS, photo))]])
    const [outcome] = await open.predict(variant, rows, uploads)
    if (!outcome || 'failure' in outcome) throw new Error(`${photo}: ${JSON.stringify(outcome)}`)
    const slice = sliceOf(1, () => open.predict(variant, rows, uploads))
    const best = await bestOf(new Map([[photo, slice]]))
    rates.push({ photo, perSecond: best.get(photo) ?? 0 })
  }
  return rates
}
