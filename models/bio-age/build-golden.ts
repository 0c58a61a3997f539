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

const DIR = join(MODELS_DIR, 'bio-age')
const ROWS = 24

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
    card.features.filter(({ required, name }) =>
      name === 'age' ? share < 0.9 : required || random() < share,
    ),
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

function phenoAgeRow(card: ModelCard, calibration: Calibration, random: Random): GoldenRow {
  const input = inventPerson(card, 0.2, random)
  const values = accept(card, 'phenoage', input)
  const { value, mortalityScore } = published(values)
  const measures = { mortalityScore, ...peerMeasures(calibration, values, value) }
  return {
    variant: 'phenoage',
    input,
    output: { value, low: null, high: null },
    measures,
    tolerance: 1e-6,
  }
}

function networkRow(card: ModelCard, { model, artifact }: Network, random: Random): GoldenRow {
  const input = inventPerson(card, random(), random)
  const values = accept(card, 'network', input)
  const { encoding, output, calibration } = artifact
  const [value = Number.NaN] = predictRows(model, encoding, output, [values])
  const interval = calibration && intervalOf(calibration, values, value)
  if (!interval) throw new Error('the network states an interval')
  const { low, high } = interval
  const measures = peerMeasures(calibration, values, value)
  return { variant: 'network', input, output: { value, low, high }, measures, tolerance: 1e-3 }
}

async function phenoAgeCalibration(): Promise<Calibration> {
  const artifact: unknown = JSON.parse(await readFile(join(DIR, 'phenoage.json'), 'utf8'))
  return z.looseObject({ calibration: calibrationSchema }).parse(artifact).calibration
}

await startWasm()
const card = await loadCard(join(DIR, 'model.yaml'))
const random = seededRandom(7)
const calibration = await phenoAgeCalibration()
const network = await readNetwork(DIR, 'network')
const each = Array.from({ length: ROWS }, (_, index) => index)
const rows = [
  ...each.map(() => phenoAgeRow(card, calibration, random)),
  ...each.map(() => networkRow(card, network, random)),
]
await writeFile(join(DIR, card.golden), ndjson(rows))
