import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { inTemporaryFolder, runPython, writeMatrix } from './run-python.js'

/** A row to learn from: one number for each column, NaN = missing. */
export interface TrainingRow {
  cells: readonly number[]
  truth: boolean
  fold: number
  weight: number
}

/** How trees are grown; `monotone` says for each column which way the risk may move with it. */
export interface Training {
  columns: readonly string[]
  monotone?: readonly (-1 | 0 | 1)[]
  /** XGBoost's own, https://xgboost.readthedocs.io/en/release_1.7.0/parameter.html */
  parameters: Readonly<Record<string, number | string>>
  rounds: number
  seed: number
  python: string
}

/** Where the trees of all rows go, and those of each fold. */
export interface TreeFiles {
  out: string
  folds: readonly string[]
}

/**
 * Trains with XGBoost and writes its JSON; the same seed and rows give the same trees.
 * @returns each row's log-odds, by the trees that had not seen its fold.
 * @throws PythonError when Python or its XGBoost is not there.
 */
export async function trainTrees(
  rows: readonly TrainingRow[],
  { columns, monotone, parameters, rounds, seed, python }: Training,
  { out, folds }: TreeFiles,
): Promise<number[]> {
  const constraints = monotone ? { monotone_constraints: `(${monotone.join(',')})` } : {}
  for (const file of [out, ...folds]) await mkdir(dirname(file), { recursive: true })
  return inTemporaryFolder(async (dir) => {
    const matrix = join(dir, 'matrix.csv')
    const margins = join(dir, 'margins.csv')
    const plan = {
      ...{ matrix, margins, out, folds, columns, rounds },
      parameters: { ...parameters, ...constraints, seed },
    }
    await writeMatrix(
      matrix,
      ['fold', 'truth', 'weight', ...columns],
      rows.map(({ fold, truth, weight, cells }) => [fold, Number(truth), weight, ...cells]),
    )
    await writeFile(join(dir, 'plan.json'), JSON.stringify(plan))
    await runPython(python, 'train.py', join(dir, 'plan.json'))
    return (await readFile(margins, 'utf8')).trim().split('\n').map(Number)
  })
}
