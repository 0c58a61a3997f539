import { bulkItems } from '../bulk/bulk-items.js'
import { type PredictManyOptions, predictMany } from '../bulk/predict-many.js'
import { subscribeBulk } from '../bulk/subscribe-bulk.js'
import { RefusedError } from '../errors/refused-error.js'
import type { PredictInput } from '../predictions/predict.js'
import { isEnded, type Prediction } from '../predictions/prediction.js'
import type { Streams } from '../subscribe/streams.js'
import type { Caller } from '../transport/caller.js'
import { type FileData, type Uploaded, uploadImage } from './upload-image.js'

export interface ImagesOptions extends Omit<PredictManyOptions, 'allOrNothing' | 'explain'> {
  /** What to make of an uploaded photo, by its id; its people are cut out when left out. */
  input?: (photo: string) => PredictInput
}

/** How one of the photos, by its place among them, gets on. */
export type ImageProgress = { index: number } & (
  | { stage: 'UPLOADED'; upload: Uploaded }
  | { stage: 'ENDED'; prediction: Prediction }
  | { stage: 'REFUSED'; error: RefusedError }
)

const cutOut = (photo: string): PredictInput => ({ portraitCutout: { features: { photo } } })

/** A server reads two files of one user at once. */
const AT_ONCE = 2

/**
 * Uploads up to 1,000 photos, has a picture made of each in one bulk, and tells of each as it is
 * uploaded and as it ends. A photo that is refused stops no other.
 *
 * @throws what predictMany throws, NetworkError
 */
export async function* images(
  { caller, streams }: { caller: Caller; streams: Streams },
  files: readonly FileData[],
  { input = cutOut, ...options }: ImagesOptions = {},
): AsyncGenerator<ImageProgress, void, void> {
  const uploaded: { index: number; id: string }[] = []
  for await (const progress of uploads(caller, files, options.signal)) {
    if (progress.stage === 'UPLOADED')
      uploaded.push({ index: progress.index, id: progress.upload.id })
    yield progress
  }
  if (uploaded.length === 0) return
  const items = uploaded.map(({ id }) => input(id))
  const { bulk } = await predictMany(caller, items, options)
  const told = new Set<number>()
  for await (const { progress } of subscribeBulk(streams, bulk.id, options)) {
    if (progress.done + progress.refused === told.size) continue
    for await (const item of bulkItems(caller, bulk.id, { ...options, pageSize: 100 })) {
      const photo = uploaded[item.index]
      if (!photo || told.has(item.index) || (item.prediction && !isEnded(item.prediction))) continue
      told.add(item.index)
      const { index } = photo
      if (item.prediction) yield { index, stage: 'ENDED', prediction: item.prediction }
      else yield { index, stage: 'REFUSED', error: item.error }
    }
  }
}

/** Uploads in order, some at a time. */
async function* uploads(
  caller: Caller,
  files: readonly FileData[],
  signal: AbortSignal | undefined,
): AsyncGenerator<ImageProgress, void, void> {
  const underWay: Promise<ImageProgress>[] = []
  for (const [index, file] of files.entries()) {
    const upload = uploadOne(caller, index, file, signal)
    // It is awaited in its turn; until then its failure is nobody's.
    upload.catch(() => {})
    underWay.push(upload)
    const first = underWay.length === AT_ONCE && underWay.shift()
    if (first) yield await first
  }
  for (const upload of underWay) yield await upload
}

async function uploadOne(
  caller: Caller,
  index: number,
  file: FileData,
  signal: AbortSignal | undefined,
): Promise<ImageProgress> {
  try {
    return { index, stage: 'UPLOADED', upload: await uploadImage(caller, file, { signal }) }
  } catch (error) {
    if (error instanceof RefusedError) return { index, stage: 'REFUSED', error }
    throw error
  }
}
