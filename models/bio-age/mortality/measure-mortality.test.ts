import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadCard } from '../../card/load-card.js'
import { MODELS_DIR } from '../../card/load-catalogue.js'
import { optInMeasures } from '../../card/measure-schema.js'
import type { AnswerRows, Evaluation } from '../../evaluation/evaluation.js'
import { DEFAULT_DATA } from '../../table/read-table.js'
import { DATA_FILE } from '../dataset.js'
import { readFollowed } from './followed.js'
import { MEASURE, measureMortality } from './measure-mortality.js'
import { termInput } from './terms.js'
import { fitMortality } from './train.js'

const missing = existsSync(join(DEFAULT_DATA, DATA_FILE))
  ? false
  : `needs ${DATA_FILE} in ${DEFAULT_DATA}`

describe.skipIf(missing)(`ten-year mortality${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let measured: Evaluation
  let people: Awaited<ReturnType<typeof readFollowed>>['people']

  beforeAll(async () => {
    people = (await readFollowed(DEFAULT_DATA)).people
    const answer: AnswerRows = async (_measure, rows, fold) => {
      const line = fitMortality(people.filter((person) => person.fold !== fold))
      return rows.map((values) => {
        const value = line.terms.reduce(
          (sum, term) => sum + term.coefficient * termInput(term, values),
          line.intercept,
        )
        return { value, low: null, high: null }
      })
    }
    measured = await measureMortality(DEFAULT_DATA, answer, 'out-of-fold')
  }, 120_000)

  const figures = (metrics: readonly { name: string; value: number }[] = []) =>
    Object.fromEntries(metrics.map(({ name, value }) => [name, value]))

  it('orders people it had not seen, and expects as many deaths as there were', () => {
    const { auc, observedToExpected, calibrationError } = figures(measured[MEASURE]?.metrics)
    expect(auc).toBeGreaterThanOrEqual(0.88)
    expect(Math.abs(Number(observedToExpected) - 1)).toBeLessThanOrEqual(0.05)
    expect(calibrationError).toBeLessThanOrEqual(0.01)
  })

  it('expects as many in every group it is told to', () => {
    for (const { group, metrics } of measured[MEASURE]?.subgroups ?? [])
      if (group !== '20 to 39')
        expect(Math.abs(Number(figures(metrics).observedToExpected) - 1), group).toBeLessThan(0.05)
  })

  it('gives the figures of the card', async () => {
    const card = await loadCard(join(MODELS_DIR, 'bio-age', 'model.yaml'))
    const [stated] = optInMeasures(card.measures)
    expect(stated?.name).toBe(MEASURE)
    expect(measured[MEASURE]).toEqual({
      metrics: stated?.optIn.metrics,
      subgroups: stated?.optIn.subgroups,
    })
  })

  it('rises with age from 40 on, whatever else is so', () => {
    const line = fitMortality(people)
    const of = (age: number) =>
      line.terms.reduce(
        (sum, term) =>
          term.feature === 'age' ? sum + term.coefficient * termInput(term, { age }) : sum,
        0,
      )
    for (let age = 40; age < 85; age++) expect(of(age + 1)).toBeGreaterThan(of(age))
  })
})
