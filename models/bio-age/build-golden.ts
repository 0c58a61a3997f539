import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import {
  type Calibration,
  calibrationSchema,
  intervalOf,
  peerMeasures,
} from '../calibration/calibration.js'
import type { ModelCard } from '../card/card-schema.js'
import type { Feature, FeatureValue } from '../card/feature-schema.js'
import type { GoldenRow } from '../card/golden.js'
import { loadCard } from '../card/load-card.js'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { accept, inventInput, ndjson } from '../golden/invent.js'
import { type Network, readNetwork } from '../network/network-files.js'
import { predictRows } from '../network/predict-rows.js'
import { startWasm } from '../network/start-wasm.js'
import { type Random, seededRandom } from '../random/random.js'
import { DEFAULT_DATA } from '../table/read-table.js'
import { readFollowed } from './mortality/followed.js'
import { termInput } from './mortality/terms.js'
import { fitMortality } from './mortality/train.js'

const DIR = join(MODELS_DIR, 'bio-age')
const ROWS = 24
const ASKING = 8

const card = await loadCard(join(DIR, 'model.yaml'))
const { people } = await readFollowed(DEFAULT_DATA)
const mortality = fitMortality(people)

/** An invented value around the card's example, or now and then at an end of the range. */
function invent(feature: Feature, random: Random): FeatureValue {
  const { choices, example, min = 0, max = 0 } = feature
  if (choices) return String(choices[Math.floor(random() * choices.length)])
  if (feature.name === 'age') return Math.round(18 + random() * 77)
  if (random() < 0.03) return random() < 0.5 ? min : max
  const value = Number(example) * (0.6 + 0.8 * random())
  return Number(Math.min(max, Math.max(min, value)).toPrecision(4))
}

/** Sends what is required, and a share of everything else; age nearly always. */
function inventPerson(card: ModelCard, share: number, random: Random): Record<string, unknown> {
  const sent = new Set(
    card.features.filter(({ required, name, type }) => {
      if (type === 'boolean') return false
      return name === 'age' ? share < 0.9 : required || random() < share
    }),
  )
  return inventInput(card, random, (feature) =>
    sent.has(feature) ? invent(feature, random) : undefined,
  )
}

/** PhenoAge as the paper prints it, step by step; the artifact has it in another form. */
function published(values: Record<string, FeatureValue>) {
  const of = (feature: string) => Number(values[feature])
  const xb =
    -19.90667 -
    0.03359355 * of('albumin') * 10 +
    0.009506491 * of('creatinine') * 88.4017 +
    0.1953192 * of('glucose') * 0.0555 +
    0.09536762 * Math.log(1 + of('crp')) -
    0.01199984 * of('lymphocytes') +
    0.02676401 * of('mcv') +
    0.3306156 * of('rdw') +
    0.001868778 * of('alp') +
    0.05542406 * of('wbc') +
    0.08035356 * of('age')
  const logSurvival = (-1.51714 * Math.exp(xb)) / 0.007692696
  return {
    mortalityScore: 1 - Math.exp(logSurvival),
    value: 141.50225 + Math.log(-0.0055305 * logSurvival) / 0.090165,
  }
}

function phenoAgeRow(calibration: Calibration, random: Random, further: object): GoldenRow {
  const input = { ...inventPerson(card, 0.2, random), ...further }
  const values = accept(card, 'phenoage', input)
  const { value, mortalityScore } = published(values)
  const peers = peerMeasures(calibration, values, value)
  const measures = { mortalityScore, ...peers, ...tenYearMortality(values) }
  return {
    variant: 'phenoage',
    input,
    output: { value, low: null, high: null },
    measures,
    tolerance: 1e-6,
  }
}

function networkRow({ model, artifact }: Network, random: Random, further: object): GoldenRow {
  const input = { ...inventPerson(card, random(), random), ...further }
  const values = accept(card, 'network', input)
  const { encoding, output, calibration } = artifact
  const [value = Number.NaN] = predictRows(model, encoding, output, [values])
  const interval = calibration && intervalOf(calibration, values, value)
  if (!interval) throw new Error('the network states an interval')
  const { low, high } = interval
  const peers = peerMeasures(calibration, values, value)
  const measures = { ...peers, ...tenYearMortality(values) }
  return { variant: 'network', input, output: { value, low, high }, measures, tolerance: 1e-3 }
}

/** What became of people like this one, for who asks; by the fitted terms, not by the runtime. */
function tenYearMortality(values: Record<string, FeatureValue>): Record<string, number> {
  if (values.tenYearMortality !== true) return {}
  const logOdds = mortality.terms.reduce(
    (sum, term) => sum + term.coefficient * termInput(term, values),
    mortality.intercept,
  )
  return { tenYearMortality: Number((1 / (1 + Math.exp(-logOdds))).toFixed(4)) }
}

/** Somebody of 40 or more who asks. */
const asking = (random: Random) => ({ age: Math.round(40 + random() * 60), tenYearMortality: true })

async function phenoAgeCalibration(): Promise<Calibration> {
  const artifact: unknown = JSON.parse(await readFile(join(DIR, 'phenoage.json'), 'utf8'))
  return z.looseObject({ calibration: calibrationSchema }).parse(artifact).calibration
}

await startWasm()
const random = seededRandom(7)
const calibration = await phenoAgeCalibration()
const network = await readNetwork(DIR, 'network')
const each = Array.from({ length: ROWS }, (_, index) => index)
const some = each.slice(0, ASKING)
const rows = [
  ...each.map(() => phenoAgeRow(calibration, random, {})),
  ...each.map(() => networkRow(network, random, {})),
  ...some.map(() => phenoAgeRow(calibration, random, asking(random))),
  ...some.map(() => networkRow(network, random, asking(random))),
]
await writeFile(join(DIR, card.golden), ndjson(rows))
