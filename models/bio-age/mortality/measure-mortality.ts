import { byGroup, type Grouping } from '../../evaluation/by-group.js'
import { classifierMetrics } from '../../evaluation/classifier-metrics.js'
import type { AnswerRows, Evaluation } from '../../evaluation/evaluation.js'
import { judgeRows, type Unseen } from '../../evaluation/judge-rows.js'
import { type Followed, readFollowed } from './followed.js'

/** The measure's name in the card. */
export const MEASURE = 'tenYearMortality'

/** It is told from 40 on; who is younger helps to find the line. */
function ageBand(age: number): string {
  if (age < 40) return '20 to 39'
  if (age < 60) return '40 to 59'
  return age < 80 ? '60 to 79' : '80 and over'
}

const GROUPINGS: Grouping<Followed>[] = [
  { by: 'told', group: ({ values }) => (Number(values.age) < 40 ? undefined : '40 and over') },
  { by: 'age', group: ({ values }) => ageBand(Number(values.age)) },
  { by: 'sex', group: ({ values }) => values.sex?.toString() },
]

/** How the risk of those who were followed compares with what became of them; {} of a file of none. */
export async function measureMortality(
  data: string,
  answer: AnswerRows,
  unseen: Unseen,
): Promise<Evaluation> {
  const { people } = await readFollowed(data)
  if (people.length === 0) return {}
  const logOdds = await judgeRows(people, answer, MEASURE, unseen)
  const judged = logOdds.map(({ probability: value, truth }) => ({
    probability: 1 / (1 + Math.exp(-value)),
    truth,
  }))
  const metrics = classifierMetrics(judged)
  return {
    [MEASURE]: { metrics, subgroups: byGroup(people, judged, GROUPINGS, classifierMetrics) },
  }
}
