import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModelCard, Variant } from './card-schema.js'
import type { FeatureValue } from './feature-schema.js'
import { type GoldenRow, readGoldenLines } from './golden.js'
import type { InstalledModel } from './load-catalogue.js'
import { optInMeasures } from './measure-schema.js'
import { optInVariant } from './opt-in-variant.js'
import { parseInput } from './parse-input.js'

/** Fewer golden rows than this say little about a variant; a picture is thousands of answers. */
const GOLDEN_ROWS = 20
const GOLDEN_PICTURES = 2

/** The files of a golden row: what it uploads, and the mask it expects. */
const goldenFilesOf = ({ features }: ModelCard, { input, output }: GoldenRow) => [
  ...features.filter(({ type }) => type === 'upload').map(({ name }) => String(input[name])),
  ...('mask' in output ? [output.mask] : []),
]

async function checkGoldenFiles({ card, dir }: InstalledModel, rows: readonly GoldenRow[]) {
  const files = [...new Set(rows.flatMap((row) => goldenFilesOf(card, row)))]
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

/** The files that a variant is made of, with the hashes of the card. */
export const filesOf = (variant: Variant) => [
  { path: variant.artifact, sha256: variant.sha256 },
  ...variant.files,
]

/** What is wrong with the files of a model's variants: missing, or of another hash than the card's. */
export async function checkFiles({ card, dir }: InstalledModel): Promise<string[]> {
  const listed = [...card.variants, ...optInMeasures(card.measures).map(optInVariant)].flatMap(
    filesOf,
  )
  const altered = await Promise.all(listed.map((file) => checkFile(dir, file.path, file.sha256)))
  return altered.flat()
}

/** A golden row that the card takes, with its input in first units. */
export interface SoundRow extends GoldenRow {
  line: number
  values: Record<string, FeatureValue>
}

function checkRow(card: ModelCard, row: GoldenRow, line: number): SoundRow | string[] {
  const variant = card.variants.find((each) => each.name === row.variant)
  if (!variant) return [`variant: the card has no variant ${row.variant}`]
  const parsed = parseInput(card, row.variant, row.input)
  const input = parsed.ok
    ? []
    : parsed.issues.map(({ path, message }) => `${['input', ...path].join('.')}: ${message}`)
  const measures = Object.keys(row.measures)
    .filter((name) => !variant.measures.includes(name))
    .map((name) => `measures.${name}: variant ${row.variant} has no such measure`)
  const faults = [...input, ...measures]
  return parsed.ok && faults.length === 0 ? { ...row, line, values: parsed.values } : faults
}

/** Golden rows that can be computed, and what is wrong with the others. */
export interface GoldenCheck {
  rows: SoundRow[]
  faults: string[]
}

/** Checks golden rows against the card: enough of each variant, well-formed, and accepted by it. */
export async function checkGolden(model: InstalledModel): Promise<GoldenCheck> {
  const { golden, variants, task } = model.card
  const lines = await readGoldenLines(model).catch(() => undefined)
  if (!lines) return { rows: [], faults: [`${golden} is missing; write it or restore it`] }
  const checked = lines.map((each) => ({
    line: each.line,
    row: 'row' in each ? checkRow(model.card, each.row, each.line) : [each.fault],
  }))
  const rows = checked.flatMap(({ row }) => (Array.isArray(row) ? [] : [row]))
  const bad = checked.flatMap(({ line, row }) =>
    Array.isArray(row) ? row.map((fault) => `${golden}, line ${line}, ${fault}`) : [],
  )
  const least = task === 'image' ? GOLDEN_PICTURES : GOLDEN_ROWS
  const few = variants.flatMap(({ name }) => {
    const count = rows.filter(({ variant }) => variant === name).length
    return count < least
      ? [`${golden} has ${count} sound rows of variant ${name}; it needs ${least}`]
      : []
  })
  return { rows, faults: [...bad, ...few, ...(await checkGoldenFiles(model, rows))] }
}
