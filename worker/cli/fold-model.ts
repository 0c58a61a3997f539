import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Variant } from '@presage/models/card/card-schema'
import type { InstalledModel } from '@presage/models/card/load-catalogue'

/** Where a model's folder keeps what was made without one of the folds. */
const FOLDS = 'folds'

/** The fold stands after the first word of a file's name: boosted-trees.json, boosted-3-trees.json. */
export const foldFile = (file: string, fold: number) => file.replace(/^[^.-]+/, `$&-${fold}`)

async function listed(dir: string, path: string) {
  const bytes = await readFile(join(dir, path))
  return { path, sha256: createHash('sha256').update(bytes).digest('hex') }
}

/** A variant as an installed model of its own, made without the rows of a fold. */
export async function foldModel(
  { card, dir }: InstalledModel,
  variant: Variant,
  fold: number,
): Promise<InstalledModel> {
  const folds = join(dir, FOLDS)
  const { path, sha256 } = await listed(folds, foldFile(variant.artifact, fold))
  const files = await Promise.all(variant.files.map((it) => listed(folds, foldFile(it.path, fold))))
  return {
    dir: folds,
    card: { ...card, variants: [{ ...variant, artifact: path, sha256, files }], measures: [] },
  }
}
