import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inTemporaryFolder, runPython, writeMatrix } from './run-python.js'

/** What XGBoost says of a row: `baseline` + the sum of contributions = `margin`, in log-odds. */
export interface TreeAnswer {
  margin: number
  baseline: number
  /** One for each column. */
  contributions: number[]
}

/** Asks XGBoost itself about rows, as the reference for our own trees. */
export function explainTrees(
  booster: string,
  columns: readonly string[],
  rows: readonly (readonly number[])[],
  python: string,
): Promise<TreeAnswer[]> {
  return inTemporaryFolder(async (dir) => {
    const [matrix, answers] = [join(dir, 'matrix.csv'), join(dir, 'answers.csv')]
    await writeMatrix(matrix, columns, rows)
    const plan = { booster, matrix, columns, answers }
    await writeFile(join(dir, 'plan.json'), JSON.stringify(plan))
    await runPython(python, 'explain.py', join(dir, 'plan.json'))
    const lines = (await readFile(answers, 'utf8')).trim().split('\n')
    return lines.map((line) => {
      const [margin = Number.NaN, ...shares] = line.split(',').map(Number)
      const baseline = Number(shares.pop())
      return { margin, baseline, contributions: shares }
    })
  })
}
