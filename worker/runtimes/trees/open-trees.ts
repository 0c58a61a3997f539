import { cellReader, type ReadCells } from '@presage/models/xgboost/cells'
import { z } from 'zod'
import { ArtifactError, type ArtifactFiles } from '../artifact.js'
import {
  type Attribution,
  type Explained,
  type OpenRuntime,
  RowError,
  type RuntimeContext,
  type Values,
} from '../runtime.js'
import { attributeTrees } from './attribute-trees.js'
import { predictMargins } from './predict-margins.js'
import { readEnsemble } from './read-ensemble.js'
import type { TreeEnsemble } from './tree-ensemble.js'

/** Trees in a file of their own, with Platt's line: value = offset + scale · the trees' sum. */
export const treesArtifactSchema = z.strictObject({
  trees: z.string(),
  scale: z.number().positive().default(1),
  offset: z.number().default(0),
  /** Where choices were coded in another order than the card's. */
  categories: z.record(z.string(), z.array(z.string())).default({}),
})
type TreesArtifact = z.infer<typeof treesArtifactSchema>

interface LoadedTrees {
  ensemble: TreeEnsemble
  scale: number
  offset: number
  read: ReadCells
  required: readonly string[]
}

/** The file's artifact, or undefined when the file is a library's own. */
function wrapperOf(text: string): TreesArtifact | undefined {
  try {
    return treesArtifactSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** What the file codes as text has to be the card's choices, word by word. */
function checkChoices({ choices }: TreeEnsemble, file: string, { card }: RuntimeContext) {
  for (const [name, known] of choices ?? []) {
    const own = card.features.find((feature) => feature.name === name)?.choices
    if (!own)
      throw new ArtifactError(file, `${name} is categorical there, and no choice in the card`)
    const unknown = own.filter((choice) => !known.includes(choice))
    if (unknown.length > 0)
      throw new ArtifactError(file, `it knows no category ${unknown.join(', ')} of ${name}`)
  }
}

function checkColumns({ columns }: TreeEnsemble, file: string, { card }: RuntimeContext) {
  const known = new Set([...card.features, ...card.derived].map(({ name }) => name))
  const unknown = columns.filter((name) => !known.has(name))
  if (unknown.length > 0)
    throw new ArtifactError(file, `the card has no feature called ${unknown.join(', ')}`)
}

function load(files: ArtifactFiles, context: RuntimeContext): LoadedTrees {
  const text = (path: string) => new TextDecoder().decode(files.bytes(path))
  const main = text(files.main)
  const artifact = wrapperOf(main) ?? { trees: files.main, scale: 1, offset: 0, categories: {} }
  const { trees, scale, offset, categories } = artifact
  const ensemble = readEnsemble(trees === files.main ? main : text(trees), trees)
  checkColumns(ensemble, trees, context)
  checkChoices(ensemble, trees, context)
  const features = context.card.features.map(({ name, choices }) => ({
    name,
    choices: categories[name] ?? ensemble.choices?.get(name) ?? choices,
  }))
  const required = context.card.features.filter((feature) => feature.required)
  return {
    ...{ ensemble, scale, offset, read: cellReader(ensemble.columns, features) },
    required: required.map(({ name }) => name),
  }
}

/** Trees answer whatever is missing, so what the card requires is asked for here. */
function fault({ required }: LoadedTrees, values: Values): RowError | undefined {
  const missing = required.find((name) => values[name] === undefined)
  if (missing) return new RowError(`${missing} is missing`)
  const broken = Object.keys(values).find((name) => Number.isNaN(values[name]))
  return broken === undefined ? undefined : new RowError(`${broken} is not a number`)
}

const toRows = ({ read }: LoadedTrees, rows: readonly Values[]) =>
  Float32Array.from(rows.flatMap((values) => read(values)))

function compute(trees: LoadedTrees, rows: readonly Values[]) {
  const faults = rows.map((values) => fault(trees, values))
  const sound = rows.filter((_, index) => !faults[index])
  const margins = predictMargins(trees.ensemble, toRows(trees, sound), sound.length).values()
  return faults.map(
    (each) =>
      each ?? { value: trees.offset + trees.scale * Number(margins.next().value), measures: {} },
  )
}

function explain(trees: LoadedTrees, explained: readonly Explained[]): Attribution[] {
  const { ensemble, scale, offset } = trees
  const { columns } = ensemble
  const rows = explained.map(({ values }) => values)
  const shares = attributeTrees(ensemble, toRows(trees, rows), rows.length)
  return rows.map((values, row) => {
    const at = row * (columns.length + 1)
    return {
      baseline: offset + scale * Number(shares[at + columns.length]),
      contributions: columns.map((feature, column) => ({
        feature,
        value: values[feature] ?? null,
        contribution: scale * Number(shares[at + column]),
      })),
    }
  })
}

/**
 * Opens trees of XGBoost or CatBoost, as their library saved them or with Platt's line; columns are
 * named after the card's features and what it derives. A missing value is a value to trees, so that
 * one that was not sent has a share of the output too.
 */
export const openTrees: OpenRuntime = async (files, context) => {
  const trees = load(files, context)
  return {
    calibration: undefined,
    predictBatch: async (rows) => compute(trees, rows),
    explainBatch: async (rows) => explain(trees, rows),
    close: () => undefined,
  }
}
