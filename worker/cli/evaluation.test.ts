import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import type { Metric } from '@presage/models/card/variant-schema'
import { DATA_FILE as CREDIT_FILE } from '@presage/models/credit-default/dataset'
import { evaluateModel as evaluateCredit } from '@presage/models/credit-default/evaluate'
import { DATA_FILE as DEPRESSION_FILE, readAdults } from '@presage/models/depression-risk/dataset'
import { evaluateModel as evaluateDepression } from '@presage/models/depression-risk/evaluate'
import type { Evaluation } from '@presage/models/evaluation/evaluation'
import { judgeRows } from '@presage/models/evaluation/judge-rows'
import { differenceOfAreas } from '@presage/models/metrics/auc'
import type { Judged } from '@presage/models/metrics/judged'
import { DEFAULT_DATA } from '@presage/models/table/read-table'
import { beforeAll, describe, expect, it } from 'vitest'
import { answerRowsOf } from './answer-rows.js'
import { evaluatePictures } from './evaluate-pictures.js'

const catalogue = await loadCatalogue()

function shipped(name: string): InstalledModel {
  const model = catalogue.model(name)
  if (!model) throw new Error(`${name} is shipped`)
  return model
}

const missing = [CREDIT_FILE, DEPRESSION_FILE].find((file) => !existsSync(join(DEFAULT_DATA, file)))
const note = missing ? ` (skipped: needs ${missing} in ${DEFAULT_DATA})` : ''

const values = (metrics: readonly Metric[] = []) =>
  Object.fromEntries(metrics.map((metric) => [metric.name, metric]))

/** The evaluation gives what the card says, figure by figure. */
function expectCard({ card }: InstalledModel, evaluation: Evaluation) {
  for (const variant of card.variants) {
    const measured = evaluation[variant.name]
    expect(measured?.metrics).toEqual(variant.metrics)
    expect(measured?.subgroups).toEqual(variant.subgroups)
    for (const set of variant.inputSets)
      expect(measured?.inputSets?.[set.name]).toEqual(set.metrics)
  }
}

describe.skipIf(missing)(`credit-default on its data${note}`, () => {
  const model = shipped('credit-default')
  let evaluation: Evaluation = {}
  beforeAll(async () => {
    const answer = answerRowsOf(model)
    evaluation = await evaluateCredit({ card: model.card, data: DEFAULT_DATA, answer })
  }, 300_000)

  it('reproduces its card', () => expectCard(model, evaluation))

  it('orders unseen clients, with probabilities that hold', () => {
    const { auc, brier, observedToExpected } = values(evaluation.boosted?.metrics)
    expect(auc?.value).toBeGreaterThanOrEqual(0.785)
    expect(brier?.value).toBeLessThanOrEqual(0.1345)
    expect(Math.abs(Number(observedToExpected?.value) - 1)).toBeLessThan(0.02)
  })

  it('is the sharper the more months it knows, and calibrated with each number of them', () => {
    const sets = model.card.variants[0]?.inputSets.map(({ metrics }) => values(metrics)) ?? []
    const areas = sets.map(({ auc }) => Number(auc?.value))
    expect(areas).toEqual([...areas].sort((a, b) => a - b))
    for (const { observedToExpected } of sets)
      expect(Math.abs(Number(observedToExpected?.value) - 1)).toBeLessThan(0.03)
  })
})

describe.skipIf(missing)(`depression-risk on its data${note}`, () => {
  const model = shipped('depression-risk')
  const answer = answerRowsOf(model)
  let evaluation: Evaluation = {}
  const judged: Record<string, Judged[]> = {}
  beforeAll(async () => {
    evaluation = await evaluateDepression({ card: model.card, data: DEFAULT_DATA, answer })
    const { adults } = await readAdults(DEFAULT_DATA)
    for (const { name } of model.card.variants)
      judged[name] = await judgeRows(adults, answer, name, 'out-of-fold')
  }, 300_000)

  it('reproduces its card', () => expectCard(model, evaluation))

  it.each([
    ['linear', 0.73],
    ['forest', 0.72],
    ['boosted', 0.73],
    ['compare', 0.73],
  ])('orders unseen people: %s', (variant, least) => {
    const { auc, brier, observedToExpected } = values(evaluation[variant]?.metrics)
    expect(auc?.value).toBeGreaterThanOrEqual(least)
    expect(brier?.value).toBeLessThanOrEqual(0.107)
    expect(Math.abs(Number(observedToExpected?.value) - 1)).toBeLessThan(0.02)
  })

  it.each([
    ['linear', 'forest'],
    ['linear', 'boosted'],
    ['boosted', 'forest'],
  ])('does not differ beyond noise: %s and %s', (first, second) => {
    const { low, high } = differenceOfAreas(judged[first] ?? [], judged[second] ?? [])
    expect(low).toBeLessThan(0)
    expect(high).toBeGreaterThan(0)
  })
})

const photos = join(DEFAULT_DATA, 'portraits')
const noPhotos = existsSync(photos) ? '' : ` (skipped: needs ${photos})`

it.skipIf(noPhotos)(
  `portrait-cutout on its photos reproduces its card${noPhotos}`,
  async () => {
    const model = shipped('portrait-cutout')
    const evaluation = await evaluatePictures(model, DEFAULT_DATA, () => undefined)
    expectCard(model, evaluation)
    const of = (people: string) =>
      evaluation.standard?.subgroups?.find(({ group }) => group === people)?.metrics[0]?.value
    expect(of('1')).toBeGreaterThanOrEqual(0.88)
    expect(of('2')).toBeGreaterThanOrEqual(0.8)
  },
  60_000,
)
