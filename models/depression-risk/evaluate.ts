import { byGroup, type Grouping } from '../evaluation/by-group.js'
import { classifierMetrics, groupMetrics, labelMetrics } from '../evaluation/classifier-metrics.js'
import type { AnswerRows, EvaluateModel } from '../evaluation/evaluation.js'
import { judgeRows, type Unseen } from '../evaluation/judge-rows.js'
import { type Adult, OPTIONAL, type OptionalGroup, readAdults, without } from './dataset.js'

const GROUPS = Object.keys(OPTIONAL) as OptionalGroup[]

/** The card's input sets, by what was left out. */
export const LEFT_OUT: Readonly<Record<string, readonly OptionalGroup[]>> = {
  person: GROUPS,
  personAndSleep: GROUPS.filter((group) => group !== 'sleep'),
  allButIncome: ['income'],
  all: [],
}

function ageBand(age: number): string {
  if (age < 40) return '18 to 39'
  return age < 60 ? '40 to 59' : '60 and over'
}

/** Ethnicity is no input, and is here to see whom the model serves worse. */
const GROUPINGS: Grouping<Adult>[] = [
  { by: 'sex', group: ({ values }) => values.sex?.toString() },
  { by: 'age', group: ({ values }) => ageBand(Number(values.age)) },
  { by: 'ethnicity', group: ({ ethnicity }) => ethnicity },
]

async function measureVariant(
  adults: readonly Adult[],
  answer: AnswerRows,
  variant: string,
  unseen: Unseen,
  threshold: number,
) {
  const judge = (left: readonly OptionalGroup[]) =>
    judgeRows(
      adults.map((adult) => ({ ...adult, values: without(adult.values, left) })),
      answer,
      variant,
      unseen,
    )
  const all = await judge([])
  const inputSets: Record<string, ReturnType<typeof classifierMetrics>> = {}
  for (const [name, left] of Object.entries(LEFT_OUT))
    inputSets[name] = classifierMetrics(left.length === 0 ? all : await judge(left))
  return {
    metrics: [...classifierMetrics(all), ...labelMetrics(all, threshold)],
    inputSets,
    subgroups: byGroup(adults, all, GROUPINGS, groupMetrics),
  }
}

/** Measures every variant on adults, with all they answered and with parts left out. */
export const evaluateModel: EvaluateModel = async ({ card, data, answer }) => {
  if (card.task !== 'classification') throw new Error('the card is of a classification')
  const { adults, sha256 } = await readAdults(data)
  const unseen = sha256 === card.trainingData.sha256 ? 'out-of-fold' : 'shipped'
  const { threshold } = card.output
  const measured: Awaited<ReturnType<EvaluateModel>> = {}
  for (const { name } of card.variants)
    measured[name] = await measureVariant(adults, answer, name, unseen, threshold)
  return measured
}
