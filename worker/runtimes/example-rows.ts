import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'
import type { PredictRow } from './open-model.js'
import type { Uploads } from './runtime.js'

/** The card's example: whole, and with only what must be sent where that is less. */
export function exampleRows({ features }: ModelCard, { requires }: Variant): PredictRow[] {
  const needed = features.filter(({ name, required }) => required || requires.includes(name))
  const sets = needed.length < features.length ? [features, needed] : [features]
  return sets.map((sent) => ({
    values: Object.fromEntries(sent.map(({ name, example }) => [name, example])),
    explain: true,
  }))
}

/** The files that the card's examples of uploads name; one that is missing fails its example. */
export async function exampleUploads({ card, dir }: InstalledModel): Promise<Uploads> {
  const examples = new Map<string, Uint8Array>()
  for (const { type, example } of card.features) {
    if (type !== 'upload') continue
    const bytes = await readFile(join(dir, String(example))).catch(() => undefined)
    if (bytes) examples.set(String(example), new Uint8Array(bytes))
  }
  return examples
}
