import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { fitPlatt, type PlattLine } from '../calibration/fit-platt.js'
import { loadCard } from '../card/load-card.js'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { writeNetwork } from '../network/network-files.js'
import { predictRows } from '../network/predict-rows.js'
import { startWasm } from '../network/start-wasm.js'
import { DEFAULT_DATA } from '../table/read-table.js'
import { cellReader } from '../xgboost/cells.js'
import { DEFAULT_PYTHON } from '../xgboost/run-python.js'
import { trainTrees } from '../xgboost/train-trees.js'
import { type Adult, readAdults } from './dataset.js'
import { fitEncoding } from './fit-encoding.js'
import { trainLinear } from './train-linear.js'
import { type TrainingRow, trainingRows } from './training-rows.js'
import { COMPARED, TREES } from './variants.js'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: DEFAULT_DATA },
    out: { type: 'string', default: join(MODELS_DIR, 'depression-risk') },
    python: { type: 'string', default: DEFAULT_PYTHON },
    seed: { type: 'string', default: '1' },
  },
})
const seed = Number(options.seed)

const FOLDS = [0, 1, 2, 3, 4] as const
/** A fold that was left out, or undefined: the model as it is sold. */
type Fold = (typeof FOLDS)[number] | undefined
const MODELS: readonly Fold[] = [...FOLDS, undefined]

/** Where a model's files lie, and the first word of their names. */
const dirOf = (fold: Fold) => (fold === undefined ? options.out : join(options.out, 'folds'))
const stemOf = (name: string, fold: Fold) => (fold === undefined ? name : `${name}-${fold}`)

const write = (name: string, fold: Fold, artifact: unknown) =>
  writeFile(join(dirOf(fold), `${stemOf(name, fold)}.json`), `${JSON.stringify(artifact)}\n`)

/** Calibrates on log-odds of people a model had not seen: of the other folds, or of all. */
const plattLine = (logOdds: readonly number[], adults: readonly Adult[], held: Fold): PlattLine =>
  fitPlatt(
    adults.flatMap(({ truth, fold }, index) =>
      fold === held ? [] : [{ truth, logOdds: Number(logOdds[index]) }],
    ),
  )

async function makeTrees(
  name: keyof typeof TREES,
  rows: readonly TrainingRow[],
  adults: readonly Adult[],
) {
  const { columns, ...training } = TREES[name]
  const read = cellReader(columns, card.features)
  const trees = (fold: Fold) => `${stemOf(name, fold)}-trees.json`
  const path = (fold: Fold) => join(dirOf(fold), trees(fold))
  const logOdds = await trainTrees(
    rows.map((row) => ({ ...row, cells: read(row.values) })),
    { columns, ...training, seed, python: options.python },
    { out: path(undefined), folds: FOLDS.map(path) },
  )
  for (const fold of MODELS)
    await write(name, fold, { trees: trees(fold), ...plattLine(logOdds, adults, fold) })
}

async function makeLinear(rows: readonly TrainingRow[], adults: readonly Adult[]) {
  const trained = MODELS.map((held) => {
    const own = rows.filter(({ fold }) => fold !== held)
    const encoding = fitEncoding(own.map(({ values }) => values))
    return { fold: held, encoding, model: trainLinear(own, encoding, seed) }
  })
  const logOdds: number[] = []
  for (const { fold, model, encoding } of trained) {
    const places = [...adults.keys()].filter((place) => adults[place]?.fold === fold)
    if (places.length === 0) continue
    const values = places.flatMap((place) => {
      const row = rows[place]
      return row ? [row.values] : []
    })
    const raw = predictRows(model, encoding, { mean: 0, scale: 1 }, values)
    places.forEach((place, index) => {
      logOdds[place] = Number(raw[index])
    })
  }
  for (const { fold, model, encoding } of trained) {
    const { scale, offset: mean } = plattLine(logOdds, adults, fold)
    const artifact = { encoding, output: { mean, scale } }
    await writeNetwork(dirOf(fold), stemOf('linear', fold), model, artifact)
  }
}

async function makeCompare(fold: Fold) {
  const members = COMPARED.map(({ runtime, variant, measure }) => ({
    ...{ runtime, measure },
    artifact: `${stemOf(variant, fold)}.json`,
  }))
  await write('compare', fold, { members, disagreement: 'disagreement' })
}

await startWasm()
const card = await loadCard(join(MODELS_DIR, 'depression-risk', 'model.yaml'))
const { adults } = await readAdults(options.data)
const rows = trainingRows(card, adults, seed)
await makeTrees('boosted', rows, adults)
await makeTrees('forest', rows, adults)
await makeLinear(rows, adults)
for (const fold of MODELS) await makeCompare(fold)
process.stdout.write('Trained. Measure it with: pnpm model:evaluate depression-risk --stamp\n')
