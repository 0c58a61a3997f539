import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ModelCard } from '@presage/models/card/card-schema'
import type { PredictRow } from '../runtimes/open-model.js'
import type { Uploads } from '../runtimes/runtime.js'

/**
 * The files that rows name by their paths, from `dir` on, where an upload's id stands in a job; one that cannot be
 * read is left out, as a lost upload is.
 */
export async function readUploads(
  { features }: Pick<ModelCard, 'features'>,
  rows: readonly Pick<PredictRow, 'values'>[],
  dir = '.',
): Promise<Uploads> {
  const names = features.filter(({ type }) => type === 'upload').map(({ name }) => name)
  const paths = rows.flatMap(({ values }) => names.map((name) => String(values[name])))
  const uploads = new Map<string, Uint8Array>()
  for (const path of new Set(paths)) {
    const bytes = await readFile(resolve(dir, path)).catch(() => undefined)
    if (bytes) uploads.set(path, new Uint8Array(bytes))
  }
  return uploads
}
