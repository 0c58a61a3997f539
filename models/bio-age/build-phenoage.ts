import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MODELS_DIR } from '../card/load-catalogue.js'
import { stampCard } from '../card/stamp-card.js'
import { transform } from '../encoding/transform.js'
import { DEFAULT_DATA } from '../table/read-table.js'
import { type Person, readDataset } from './dataset.js'
import { fitBySex, fitResiduals, ONE_CURVE, peersOf } from './peers.js'

/*
 * Levine et al. 2018, Aging 10(4):573-591, doi 10.18632/aging.101414.
 * M = 1 − exp(−1.51714·e^xb / 0.007692696); PhenoAge = 141.50225 + ln(−0.0055305·ln(1 − M)) / 0.090165.
 * The two exponentials cancel, which leaves a line in xb that cannot overflow:
 * PhenoAge = 141.50225 + (ln(0.0055305 · 1.51714 / 0.007692696) + xb) / 0.090165.
 */
const HAZARD = 1.51714 / 0.007692696
const SLOPE = 1 / 0.090165
const OFFSET = 141.50225 + Math.log(0.0055305 * HAZARD) * SLOPE
const INTERCEPT = -19.90667

const identity = 'identity' as const
/** Scales bring the card's units to the paper's: g/L, µmol/L, mmol/L; CRP as ln(1 + mg/dL). */
const TERMS = [
  { feature: 'albumin', scale: 10, transform: identity, coefficient: -0.03359355 },
  { feature: 'creatinine', scale: 88.4017, transform: identity, coefficient: 0.009506491 },
  { feature: 'glucose', scale: 0.0555, transform: identity, coefficient: 0.1953192 },
  { feature: 'crp', scale: 1, transform: 'log1p' as const, coefficient: 0.09536762 },
  { feature: 'lymphocytes', scale: 1, transform: identity, coefficient: -0.01199984 },
  { feature: 'mcv', scale: 1, transform: identity, coefficient: 0.02676401 },
  { feature: 'rdw', scale: 1, transform: identity, coefficient: 0.3306156 },
  { feature: 'alp', scale: 1, transform: identity, coefficient: 0.001868778 },
  { feature: 'wbc', scale: 1, transform: identity, coefficient: 0.05542406 },
  { feature: 'age', scale: 1, transform: identity, coefficient: 0.08035356 },
]

/** PhenoAge in years by the published formula; `values` in the card's first units. */
export function phenoAge(values: Record<string, number | string>): number {
  const xb = TERMS.reduce(
    (sum, { feature, scale, transform: kind, coefficient }) =>
      sum + coefficient * transform(kind, scale * Number(values[feature])),
    INTERCEPT,
  )
  return OFFSET + SLOPE * xb
}

function median(people: readonly Person[], feature: string): number {
  const values = people.map((person) => Number(person.values[feature])).sort((a, b) => a - b)
  return Number(values[values.length >> 1])
}

/** The artifact: the formula, the medians it is explained against, and the peers of each age. */
export function buildPhenoAge(people: readonly Person[]) {
  const points = people.map(({ age, sex, values }) => ({
    values,
    along: age,
    group: sex,
    prediction: phenoAge(values),
  }))
  const expected = fitBySex(points, ONE_CURVE)
  return {
    intercept: INTERCEPT,
    terms: TERMS.map((term) => ({ ...term, reference: median(people, term.feature) })),
    output: { offset: OFFSET, slope: SLOPE },
    measures: [{ name: 'mortalityScore', link: 'cloglog', offset: Math.log(HAZARD) }],
    calibration: {
      weights: {},
      rungs: [{ name: 'nine', position: 0, residuals: fitResiduals(points, expected) }],
      peers: peersOf(expected),
    },
  }
}

async function main() {
  const { values } = parseArgs({ options: { data: { type: 'string', default: DEFAULT_DATA } } })
  const { people } = await readDataset(values.data)
  const dir = join(MODELS_DIR, 'bio-age')
  await writeFile(join(dir, 'phenoage.json'), `${JSON.stringify(buildPhenoAge(people), null, 1)}\n`)
  await stampCard(join(dir, 'model.yaml'), 'phenoage')
}

if (process.argv[1] === import.meta.filename) await main()
