import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard, Variant } from './card-schema.js'
import { type GoldenRow, readGolden } from './golden.js'
import type { InstalledModel } from './load-catalogue.js'
import { parseInput } from './parse-input.js'

/** Fewer golden rows than this say little about a variant; a picture is thousands of answers. */
const GOLDEN_ROWS = 20
const GOLDEN_PICTURES = 2

/** The files of a golden row: what it uploads, and the mask it expects. */
const filesOf = ({ features }: ModelCard, { input, output }: GoldenRow) => [
  ...features.filter(({ type }) => type === 'upload').map(({ name }) => String(input[name])),
  ...('mask' in output ? [output.mask] : []),
]

async function checkGoldenFiles({ card, dir }: InstalledModel, rows: readonly GoldenRow[]) {
  const files = [...new Set(rows.flatMap((row) => filesOf(card, row)))]
  const read = await Promise.all(
    files.map((file) => readFile(join(dir, file)).catch(() => undefined)),
  )
  return files
    .filter((_, index) => !read[index])
    .map((file) => `${card.golden}: ${file} is missing; restore it or correct the row`)
}

async function checkFile(dir: string, path: string, sha256: string): Promise<string[]> {
  const bytes = await readFile(join(dir, path)).catch(() => undefined)
  if (!bytes) return [`${path} is missing; run the training script or restore it`]
  const actual = createHash('sha256').update(bytes).digest('hex')
  return actual === sha256 ? [] : [`${path} has sha256 ${actual}; the card says ${sha256}`]
}

const files = (variant: Variant) => [
  { path: variant.artifact, sha256: variant.sha256 },
  ...variant.files,
]

function checkGoldenRow(card: ModelCard, row: GoldenRow, line: number): string[] {
  const parsed = parseInput(card, row.variant, row.input)
  const input = parsed.ok ? [] : parsed.issues.map((issue) => issue.message)
  const variant = card.variants.find((each) => each.name === row.variant)
  const measures = Object.keys(row.measures)
    .filter((name) => variant && !variant.measures.includes(name))
    .map((name) => `variant ${row.variant} has no measure ${name}`)
  return [...input, ...measures].map((problem) => `${card.golden}, line ${line}: ${problem}`)
}

function checkGolden(card: ModelCard, rows: readonly GoldenRow[]): string[] {
  const least = card.task === 'image' ? GOLDEN_PICTURES : GOLDEN_ROWS
  const few = card.variants.flatMap(({ name }) => {
    const count = rows.filter((row) => row.variant === name).length
    return count < least ? [`variant ${name} has ${count} golden rows of ${least}`] : []
  })
  return [...few, ...rows.flatMap((row, index) => checkGoldenRow(card, row, index + 1))]
}

/**
 * What is wrong with an installed model's files: a hash that is not the card's, or golden rows
 * that are too few, malformed or refused by the card. Their answers are checked by the worker.
 */
export async function checkModel(model: InstalledModel): Promise<string[]> {
  const { card, dir } = model
  const listed = card.variants.flatMap(files)
  const altered = await Promise.all(listed.map((file) => checkFile(dir, file.path, file.sha256)))
  const golden = await readGolden(model).then(
    async (rows) => [...checkGolden(card, rows), ...(await checkGoldenFiles(model, rows))],
    (error: unknown) => [`${card.golden}: ${error instanceof Error ? error.message : error}`],
  )
  return [...altered.flat(), ...golden]
}
