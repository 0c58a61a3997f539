import type { ImageRates } from './image-rates.js'
import { measuredAt, number, table } from './markdown.js'
import type { TabularRates } from './tabular-rates.js'
import type { TreeRates } from './tree-rates.js'
import { growthOf, type MemoryReading } from './worker-memory.js'

/** Whose rates they are: `model variant`, and the runtime. */
interface Of<R> {
  name: string
  runtime: string
  rates: readonly R[]
}

export interface ModelFigures {
  tabular: Of<TabularRates>[]
  trees: (Of<TreeRates> & { version: string | undefined })[]
  images: Of<ImageRates>[]
  memory: MemoryReading[]
}

const ratio = (value: number | undefined, baseline: number | undefined) =>
  value === undefined || baseline === undefined ? '–' : `${number(value / baseline, 1)} ×`

const soldTable = (all: ModelFigures['tabular']) =>
  table(
    [
      'model',
      'runtime',
      'rows',
      'predicted/s',
      'of a plain loop',
      'explained/s',
      'of a plain loop',
    ],
    all.flatMap(({ name, runtime, rates }) =>
      rates.map((each) => [
        ...[name, runtime, number(each.batch)],
        ...(['predicted', 'explained'] as const).flatMap((what) => [
          number(each[what]),
          ratio(each[what], rates[0]?.[what]),
        ]),
      ]),
    ),
  )

const THEIRS = ['inplace', 'predictor', 'predict'] as const

/** XGBoost as it is fastest, or a plain loop where it is not installed. */
function baselineOf({ perSecond }: TreeRates): number | undefined {
  const theirs = THEIRS.flatMap((what) => perSecond.get(what) ?? [])
  return theirs.length > 0 ? Math.max(...theirs) : perSecond.get('plain')
}

const predictionTable = (all: ModelFigures['trees']) =>
  table(
    [
      ...['model', 'rows', 'Presage', 'plain loop', 'XGBoost, in place', 'DMatrix made before'],
      ...['DMatrix made in the call', 'Presage ÷ XGBoost at its fastest'],
    ],
    all.flatMap(({ name, rates }) =>
      rates.map((each) => [
        ...[name, number(each.batch), number(each.perSecond.get('predicted'))],
        number(each.perSecond.get('plain')),
        ...THEIRS.map((what) => number(each.perSecond.get(what))),
        ratio(each.perSecond.get('predicted'), baselineOf(each)),
      ]),
    ),
  )

const explanationTable = (all: ModelFigures['trees']) =>
  table(
    ['model', 'rows', 'Presage', 'XGBoost, pred_contribs', 'Presage ÷ XGBoost'],
    all.flatMap(({ name, rates }) =>
      rates.map(({ batch, perSecond }) => [
        ...[name, number(batch), number(perSecond.get('explained'))],
        number(perSecond.get('contributions')),
        ratio(perSecond.get('explained'), perSecond.get('contributions')),
      ]),
    ),
  )

function treesSection(all: ModelFigures['trees']): string {
  const version = all.find((each) => each.version)?.version
  const baseline = version
    ? `XGBoost ${version} (Debian's python3-xgboost) reads the same file and the same float32 rows, with nthread 1. In place is \`XGBoosterPredictFromDense\` called through the C interface with everything prepared; where a DMatrix is made before, its making is not counted, and each is asked once, as XGBoost caches its answers.`
    : 'XGBoost is not installed for Debian’s Python here: the baseline is the plain loop, one tree after another.'
  return `## Trees alone, rows/s

From a matrix to margins, on one thread. ${baseline}

${predictionTable(all)}

Contributions of the same rows; XGBoost's DMatrix is made before.

${explanationTable(all)}
`
}

const imagesSection = (all: ModelFigures['images']) => `## Images, on one thread

From the file of a photo of one megapixel, a JPEG, to the answer's PNG.

${table(
  ['model', 'photo', 'images/s', 'ms'],
  all.flatMap(({ name, rates }) =>
    rates.map(({ photo, perSecond }) => [
      ...[name, photo, number(perSecond, 2), number(1000 / perSecond)],
    ]),
  ),
)}
`

const mebibytes = (bytes: number | undefined) => number(Number(bytes) / 2 ** 20, 1)

const memorySection = (all: readonly MemoryReading[]) => `## Memory of a worker

One process with all models open, kind after kind, through what a worker's inference thread does with batches of 50 jobs, with pictures of 128 × 128 pixels one by one, and with single questions. In use is V8's heap and what is outside of it, when all garbage was collected, after the first quarter of a kind's predictions and after the last.

${table(
  ['kind', 'predictions', 'MiB in use', 'at the end', 'bytes each', 'MiB resident', 'tensors'],
  all.map((reading) => {
    const { kind, predictions, quarters } = reading
    const [first, last] = [quarters[0], quarters.at(-1)]
    const tensors = [...new Set(quarters.map((quarter) => quarter.tensors))]
    return [
      ...[kind, number(predictions), mebibytes(first?.used), mebibytes(last?.used)],
      number((growthOf(reading) / predictions / 3) * 4, 1),
      `${mebibytes(first?.resident)} → ${mebibytes(last?.resident)}`,
      tensors.join(', '),
    ]
  }),
)}
`

/** One run's figures as Markdown. */
export function modelsReport({ tabular, trees, images, memory }: ModelFigures): string {
  const sections = [
    `# Benchmarks of the models

${measuredAt('pnpm bench models --write')} A rate is the best of 12 slices of 50 ms, in which all of a line take turns: what disturbs a machine makes a slice slower, never faster. One run's figures are comparable among themselves; between runs compare the ratios.

## As sold, rows/s

What the inference thread does with a batch of accepted inputs, mixed from the model's golden ones: derived columns, answer, calibration and wording, and the explanation where it is asked for. A plain loop asks for one row after another.

${soldTable(tabular)}
`,
    ...(trees.length > 0 ? [treesSection(trees)] : []),
    ...(images.some(({ rates }) => rates.length > 0) ? [imagesSection(images)] : []),
    memorySection(memory),
  ]
  return sections.join('\n')
}
