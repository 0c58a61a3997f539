import type { ModelCard } from '../card/card-schema.js'
import { derive } from '../derive/derive.js'
import type { Values } from '../evaluation/evaluation.js'
import { seededRandom } from '../random/random.js'
import { type Adult, OPTIONAL, type OptionalGroup, without } from './dataset.js'
import type { WeightedRow } from './train-linear.js'

/** How often a person is seen with a part of the answers only, and how much each time counts. */
const PARTS = { times: 3, weight: 1 / 6 }

/** A row to learn from, derived columns beside what was answered. */
export type TrainingRow = WeightedRow & { fold: number }

/**
 * Everybody as they answered, then again with some groups of answers left out. Without that the
 * trees take a person who says nothing of sleep for one of the 40 who could not, and of those who
 * send four answers expect 40 of 100 instead of 13.
 */
export function trainingRows(card: ModelCard, adults: readonly Adult[], seed: number) {
  const random = seededRandom(seed)
  const groups = Object.keys(OPTIONAL) as OptionalGroup[]
  const row = ({ truth, fold }: Adult, values: Values, weight: number): TrainingRow => ({
    ...{ truth, fold, weight },
    values: derive(card.derived, values),
  })
  const leaveOut = (values: Values) => {
    const chance = random()
    const left = groups.filter(() => random() < chance)
    return without(values, left)
  }
  return [
    ...adults.map((adult) => row(adult, adult.values, 1)),
    ...Array.from({ length: PARTS.times }, () =>
      adults.map((adult) => row(adult, leaveOut(adult.values), PARTS.weight)),
    ).flat(),
  ]
}
