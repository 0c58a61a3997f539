import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CardError } from '@presage/models/card/card-error'
import { checkFiles, checkGolden, filesOf } from '@presage/models/card/check-model'
import {
  cardFiles,
  catalogueOf,
  type InstalledModel,
  install,
} from '@presage/models/card/load-catalogue'
import { checkVariant } from './check-variant.js'
import type { Report, Section } from './report-check.js'

/** A card that cannot be used, with its faults; any other error goes on. */
function refused(error: unknown): Report {
  if (!(error instanceof CardError)) throw error
  const { file, problems } = error
  return { title: dirname(file), sections: [{ title: file, said: '', faults: [...problems] }] }
}

async function checkInstalled(model: InstalledModel): Promise<Report> {
  const { card, dir } = model
  const files = card.variants.flatMap(filesOf)
  const golden = await checkGolden(model)
  const variants: Section[] = []
  for (const variant of card.variants) {
    const rows = golden.rows.filter((row) => row.variant === variant.name)
    variants.push(await checkVariant(model, variant, rows))
  }
  return {
    title: `${card.name} ${card.version}, ${dir}`,
    sections: [
      { title: 'card', said: `${card.features.length} features`, faults: [] },
      { title: 'files', said: `${files.length} hashed`, faults: await checkFiles(model) },
      { title: 'golden', said: `${golden.rows.length} sound rows`, faults: golden.faults },
      ...variants,
    ],
  }
}

/** What is wrong between cards that are sound by themselves. */
function checkTogether(models: readonly InstalledModel[]): Report[] {
  try {
    catalogueOf(models)
    return []
  } catch (error) {
    return [refused(error)]
  }
}

/**
 * Checks a model's folder, or all models of a folder: cards, hashes and golden rows, these computed
 * by the runtimes of a worker.
 * @returns a report on each card, and one on what does not go together.
 */
export async function checkFolder(dir: string): Promise<Report[]> {
  const single = join(dir, 'model.yaml')
  const files = existsSync(single) ? [single] : await cardFiles(dir).catch(refused)
  if (!Array.isArray(files)) return [files]
  const read = await Promise.all(files.map((file) => install(file).catch(refused)))
  const models = read.flatMap((each) => ('card' in each ? [each] : []))
  const reports: Report[] = []
  for (const each of read) reports.push('card' in each ? await checkInstalled(each) : each)
  return [...reports, ...checkTogether(models)]
}
