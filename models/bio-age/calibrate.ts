import type { Calibration, Rung } from '../calibration/calibration.js'
import type { Expected } from '../calibration/expected.js'
import type { PeerPoint } from '../calibration/fit-expected.js'
import { fitInterval } from '../calibration/fit-interval.js'
import { fitWeights } from '../calibration/fit-weights.js'
import { OPTIONAL } from './dataset.js'
import { INPUT_SETS, type Kept } from './masking.js'
import { isComplete, type OutOfFold, type Unseen } from './out-of-fold.js'
import { BY_VALUES_SENT, fitBySex, fitResiduals, peersOf } from './peers.js'

/** Ninety of a hundred; ages in the data are 20 to 79 completed years. */
const INTERVAL = { level: 0.9, min: 20, max: 80 }

/** Twenty groups by predicted age, of 1,400 to 1,900 people each. */
const BINS = 20

const peerPoint = ({ person, values, prediction }: Unseen): PeerPoint => ({
  values,
  along: person.age,
  group: person.sex,
  prediction,
})

/** One input set's bounds and scatter, from the people who had all of it measured. */
function fitRung(
  [name, kept]: readonly [string, Kept],
  weights: Readonly<Record<string, number>>,
  unseen: readonly Unseen[],
  expected: Readonly<Record<string, Expected>>,
): Rung {
  const people = unseen.filter(({ values }) => isComplete(values, kept))
  const truths = people.map(({ prediction, person }) => ({ prediction, truth: person.age }))
  return {
    name,
    position: [...kept].reduce((sum, feature) => sum + Number(weights[feature]), 0),
    interval: fitInterval(truths, INTERVAL.level, BINS),
    residuals: fitResiduals(people.map(peerPoint), expected),
  }
}

/** Calibrates on out-of-fold answers, of all people or of those in some folds. */
export function calibrate(answers: OutOfFold, within: (fold: number) => boolean): Calibration {
  const inside = (unseen: readonly Unseen[] = []) =>
    unseen.filter(({ person }) => within(person.fold))
  const random = inside(answers.random)
  const weights = fitWeights(
    random.map(({ values, prediction, person }) => ({
      present: OPTIONAL.filter((feature) => values[feature] !== undefined),
      error: Math.abs(prediction - person.age),
    })),
    OPTIONAL,
  )
  const all = [...inside(Object.values(answers.sets).flat()), ...random]
  const expected = fitBySex(all.map(peerPoint), BY_VALUES_SENT)
  const rungs = Object.entries(INPUT_SETS).map((set) =>
    fitRung(set, weights, inside(answers.sets[set[0]]), expected),
  )
  rungs.sort((a, b) => a.position - b.position)
  return { weights, rungs, interval: INTERVAL, peers: peersOf(expected) }
}
