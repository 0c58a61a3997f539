import type { Metric } from '../card/variant-schema.js'
import { byGroup, type Grouping } from '../evaluation/by-group.js'
import {
  classifierMetrics,
  fairnessMetrics,
  labelMetrics,
} from '../evaluation/classifier-metrics.js'
import type { EvaluateModel } from '../evaluation/evaluation.js'
import { judgeRows } from '../evaluation/judge-rows.js'
import { type Client, latestMonths, MONTHS, readClients } from './dataset.js'

/** The card's input sets, by how many of the latest months they have. */
const INPUT_SETS = ['oneMonth', 'twoMonths', 'threeMonths', 'fourMonths', 'fiveMonths', 'sixMonths']

/** People are compared in these decades; few clients are older than 59. */
function ageBand(age: number): string {
  if (age < 30) return 'under 30'
  if (age >= 60) return '60 and over'
  const decade = 10 * Math.floor(age / 10)
  return `${decade} to ${decade + 9}`
}

/** Neither is an input. */
const GROUPINGS: Grouping<Client>[] = [
  { by: 'sex', group: ({ sex }) => sex },
  { by: 'age', group: ({ age }) => (age === undefined ? undefined : ageBand(age)) },
]

/** Measures the model on clients, with all six months of their history and with fewer. */
export const evaluateModel: EvaluateModel = async ({ card, data, answer }) => {
  if (card.task !== 'classification') throw new Error('the card is of a classification')
  const { threshold } = card.output
  const { clients, sha256 } = await readClients(data)
  const unseen = sha256 === card.trainingData.sha256 ? 'out-of-fold' : 'shipped'
  const judge = (months: number) =>
    judgeRows(
      clients.map((client) => ({ ...client, values: latestMonths(client.values, months) })),
      answer,
      'boosted',
      unseen,
    )
  const all = await judge(MONTHS.length)
  const inputSets: Record<string, Metric[]> = {}
  for (const [index, name] of INPUT_SETS.entries())
    inputSets[name] = classifierMetrics(index + 1 === MONTHS.length ? all : await judge(index + 1))
  return {
    boosted: {
      metrics: [...classifierMetrics(all), ...labelMetrics(all, threshold)],
      inputSets,
      subgroups: byGroup(clients, all, GROUPINGS, (judged) => fairnessMetrics(judged, threshold)),
    },
  }
}
