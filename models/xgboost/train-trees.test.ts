import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { seededRandom } from '../random/random.js'
import { DEFAULT_PYTHON } from './run-python.js'
import { trainTrees } from './train-trees.js'

const installed = spawnSync(DEFAULT_PYTHON, ['-c', 'import xgboost']).status === 0
const note = installed ? '' : ` (skipped: needs XGBoost for ${DEFAULT_PYTHON})`

/** Invented rows of two columns, one sometimes missing, of which the first tells the truth. */
const random = seededRandom(4)
const rows = Array.from({ length: 400 }, (_, index) => {
  const first = random()
  const cells = [first, random() < 0.2 ? Number.NaN : random()]
  return { cells, truth: random() < first, fold: index % 2, weight: 1 }
})

/** The files of all and of each fold, and the log-odds out of fold. */
async function train(seed: number) {
  const dir = await mkdtemp(join(tmpdir(), 'presage-trained-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const files = ['all.json', 'fold-0.json', 'fold-1.json'].map((file) => join(dir, file))
  const [out = '', ...folds] = files
  const parameters = { max_depth: 3, eta: 0.3, subsample: 0.7, tree_method: 'hist' }
  const training = { columns: ['a', 'b'], parameters, rounds: 8, seed, python: DEFAULT_PYTHON }
  const logOdds = await trainTrees(rows, training, { out, folds })
  return { logOdds, files: await Promise.all(files.map((file) => readFile(file, 'utf8'))) }
}

it.skipIf(!installed)(
  `trees of one seed are the same again to the last byte, of another not${note}`,
  async () => {
    const [first, again, other] = [await train(1), await train(1), await train(2)]
    expect(again).toEqual(first)
    expect(first.logOdds).toHaveLength(rows.length)
    expect(other.files).not.toEqual(first.files)
  },
  240_000,
)
