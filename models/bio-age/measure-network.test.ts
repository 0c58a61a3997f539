import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Calibration } from '../calibration/calibration.js'
import { expectedAt } from '../calibration/expected.js'
import type { ModelCard } from '../card/card-schema.js'
import { loadCard } from '../card/load-card.js'
import { MODELS_DIR } from '../card/load-catalogue.js'
import type { Metric } from '../card/variant-schema.js'
import { type Network, readNetwork } from '../network/network-files.js'
import { startWasm } from '../network/start-wasm.js'
import { DEFAULT_DATA } from '../table/read-table.js'
import { buildPhenoAge, phenoAge } from './build-phenoage.js'
import { calibrate } from './calibrate.js'
import { DATA_FILE, type Dataset, readDataset } from './dataset.js'
import { INPUT_SETS } from './masking.js'
import {
  calibrateNested,
  coverage,
  coverageByQuintile,
  gapByDecade,
  measureNetwork,
  type Tested,
  testNested,
} from './measure-network.js'
import { answerUnseen, FOLDS, isComplete, type OutOfFold, outOfFold } from './out-of-fold.js'

const missing = existsSync(join(DEFAULT_DATA, DATA_FILE))
  ? false
  : `needs ${DATA_FILE} in ${DEFAULT_DATA}`

/** The targets of the card: years of out-of-fold mean absolute error. */
const TARGETS = { nine: 11.1, blood: 9.3, all: 8.1 }

/** What the curves of the peers may move of all people into or out of a tenth, beside chance. */
const CURVES_OFF = 0.001

describe.skipIf(missing)(`bio-age on its data${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let card: ModelCard
  let dataset: Dataset
  let answers: OutOfFold
  let networks: Network[]
  let nested: Calibration[]
  let measured: ReturnType<typeof measureNetwork>
  const tested: Record<string, Tested[]> = {}

  beforeAll(async () => {
    const dir = join(MODELS_DIR, 'bio-age')
    await startWasm()
    card = await loadCard(join(dir, 'model.yaml'))
    dataset = await readDataset(DEFAULT_DATA)
    networks = await Promise.all(
      FOLDS.map((fold) => readNetwork(join(dir, 'folds'), `fold${fold}`)),
    )
    answers = outOfFold(dataset, networks)
    nested = calibrateNested(answers)
    measured = measureNetwork(answers, nested)
    for (const [name, kept] of Object.entries(INPUT_SETS)) {
      const complete = answers.sets[name]?.filter(({ values }) => isComplete(values, kept)) ?? []
      tested[name] = testNested(complete, nested)
    }
    tested.random = testNested(answers.random, nested)
  }, 600_000)

  it('is the data the card names', () => {
    expect(dataset.sha256).toBe(card.trainingData.sha256)
    expect(dataset.people).toHaveLength(card.trainingData.rows)
  })

  it('ships the calibration of these answers', async () => {
    const { artifact } = await readNetwork(join(MODELS_DIR, 'bio-age'), 'network')
    const bounds = (calibration: Calibration | undefined) =>
      calibration?.rungs.flatMap(({ interval }) => interval?.low.value.concat(interval.high.value))
    const again = bounds(calibrate(answers, () => true)) ?? []
    const shipped = bounds(artifact.calibration) ?? []
    expect(shipped).toHaveLength(Object.keys(INPUT_SETS).length * 40)
    shipped.forEach((bound, index) => {
      expect(bound).toBeCloseTo(Number(again[index]), 1)
    })
  })

  it('ships the formula with the peers of these people', async () => {
    const shipped: unknown = JSON.parse(
      await readFile(join(MODELS_DIR, 'bio-age/phenoage.json'), 'utf8'),
    )
    expect(buildPhenoAge(dataset.people)).toEqual(shipped)
  })

  it.each(Object.entries(TARGETS))('guesses ages from %s within %f years', (name, target) => {
    const [mae] = measured.inputSets[name] ?? []
    expect(mae).toMatchObject({ name: 'mae', rows: 37_970 })
    expect(mae?.value).toBeLessThanOrEqual(target)
  })

  it('reproduces the figures of the card', () => {
    const { inputSets = [], metrics = [] } = card.variants.find((it) => it.name === 'network') ?? {}
    const figures = (stated: readonly Metric[]) =>
      stated.map(({ name, value, rows }) => ({ name, rows, value: expect.closeTo(value, 2) }))
    expect(inputSets.map(({ name }) => name)).toEqual(Object.keys(measured.inputSets))
    for (const set of inputSets) expect(measured.inputSets[set.name]).toEqual(figures(set.metrics))
    expect(measured.metrics).toEqual(figures(metrics))
  })

  it.each([...Object.keys(INPUT_SETS), 'random'])(
    'holds 90 ± 2 of a hundred unseen people in every quintile: %s',
    (name) => {
      const people = tested[name] ?? []
      expect(coverage(people)).toBeCloseTo(0.9, 1)
      for (const share of coverageByQuintile(people)) {
        expect(share).toBeGreaterThanOrEqual(0.88)
        expect(share).toBeLessThanOrEqual(0.92)
      }
    },
  )

  it.each([...Object.keys(INPUT_SETS), 'random'])(
    'has no mean age gap in any decade of unseen people: %s',
    (name) => {
      for (const gap of gapByDecade(tested[name] ?? []))
        expect(Math.abs(gap)).toBeLessThanOrEqual(0.5)
    },
  )

  it.each([
    [['systolic', 'diastolic']],
    [['hba1c']],
    [['totalCholesterol', 'hdl', 'hba1c']],
    [['bun', 'rbc', 'monocytes', 'bilirubin', 'totalCholesterol', 'hdl']],
    [['bun', 'uricAcid', 'totalCholesterol', 'hdl', 'hba1c', 'systolic', 'diastolic', 'bmi']],
  ])('is off by no more than the card admits for %j', (features) => {
    const kept = new Set(features)
    const unseen = answerUnseen(dataset, networks, () => kept)
    const people = testNested(
      unseen.filter(({ values }) => isComplete(values, kept)),
      nested,
    )
    for (const gap of gapByDecade(people)) expect(Math.abs(gap)).toBeLessThanOrEqual(1.1)
    expect(Math.abs(coverage(people) - 0.9)).toBeLessThanOrEqual(0.02)
  })

  it.each([...Object.keys(INPUT_SETS), 'random'])(
    'ranks unseen people evenly, a tenth of them in each tenth of percentiles: %s',
    (name) => {
      const people = tested[name] ?? []
      const chance = 4 * Math.sqrt((0.1 * 0.9) / people.length)
      for (let tenth = 0; tenth < 10; tenth += 1) {
        const isInside = ({ percentile: p }: Tested) => Math.min(9, Math.floor(p / 10)) === tenth
        const share = people.filter(isInside).length / people.length
        expect(Math.abs(share - 0.1)).toBeLessThanOrEqual(chance + CURVES_OFF)
      }
    },
  )

  it('compares PhenoAge with people it was not fitted on, without a mean gap in any decade', () => {
    const gaps = FOLDS.flatMap((held) => {
      const { calibration } = buildPhenoAge(dataset.people.filter(({ fold }) => fold !== held))
      return dataset.people
        .filter(({ fold }) => fold === held)
        .map(({ age, sex, values }) => {
          const expected = calibration.peers.expected[sex]
          return { age, gap: expected ? phenoAge(values) - expectedAt(expected, values, age) : 99 }
        })
    })
    for (const gap of gapByDecade(gaps)) expect(Math.abs(gap)).toBeLessThanOrEqual(0.5)
  })
})
