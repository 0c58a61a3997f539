import { type Calibration, intervalOf, peerMeasures } from '../calibration/calibration.js'
import type { Metric } from '../card/variant-schema.js'
import { determination, meanAbsoluteError } from '../metrics/errors.js'
import { mean } from '../metrics/judged.js'
import { calibrate } from './calibrate.js'
import { INPUT_SETS } from './masking.js'
import { FOLDS, isComplete, type OutOfFold, type Unseen } from './out-of-fold.js'

const guesses = (unseen: readonly Unseen[]) =>
  unseen.map(({ prediction, person }) => ({ guess: prediction, truth: person.age }))

/** For each fold, a calibration from the answers about the other four. */
export const calibrateNested = (answers: OutOfFold): Calibration[] =>
  FOLDS.map((held) => calibrate(answers, (fold) => fold !== held))

/** A person who neither the network nor the calibration had seen. */
export interface Tested {
  age: number
  prediction: number
  low: number
  high: number
  gap: number
  percentile: number
}

/** Tests every answer by the calibration that left its fold out. */
export function testNested(unseen: readonly Unseen[], nested: readonly Calibration[]): Tested[] {
  return unseen.map(({ person, values, prediction }) => {
    const calibration = nested[person.fold]
    const interval = calibration && intervalOf(calibration, values, prediction)
    if (!interval) throw new Error('the calibration states an interval')
    const { ageGap = Number.NaN, ageGapPercentile = Number.NaN } = peerMeasures(
      calibration,
      values,
      prediction,
    )
    const { low, high } = interval
    return { age: person.age, prediction, low, high, gap: ageGap, percentile: ageGapPercentile }
  })
}

/** The share of people inside their interval. */
export const coverage = (tested: readonly Tested[]) =>
  mean(tested.map(({ age, low, high }) => (age >= low && age <= high ? 1 : 0)))

/** Coverage in each fifth of the people, by predicted age. */
export function coverageByQuintile(tested: readonly Tested[]): number[] {
  const sorted = [...tested].sort((a, b) => a.prediction - b.prediction)
  const cut = (share: number) => Math.floor(share * sorted.length)
  return [0, 0.2, 0.4, 0.6, 0.8].map((from) => coverage(sorted.slice(cut(from), cut(from + 0.2))))
}

/** The mean age gap of each decade of age, from the twenties. */
export const gapByDecade = (tested: readonly { age: number; gap: number }[]): number[] =>
  [20, 30, 40, 50, 60, 70].map((from) =>
    mean(tested.filter(({ age }) => age >= from && age < from + 10).map(({ gap }) => gap)),
  )

/** The farthest of some shares or gaps from where they should be. */
const farthest = (numbers: readonly number[], from: number) =>
  Math.max(...numbers.map((value) => Math.abs(value - from)))

/** Three decimals: a run with the same seed gives the same figures. */
export const figure = (value: number) => Number(value.toFixed(3))

function measureSet(unseen: readonly Unseen[], name: string, nested: readonly Calibration[]) {
  const complete = unseen.filter(({ values }) => isComplete(values, INPUT_SETS[name] ?? new Set()))
  const tested = testNested(complete, nested)
  const rows = complete.length
  return [
    { name: 'mae', value: figure(meanAbsoluteError(guesses(unseen))), rows: unseen.length },
    { name: 'maeComplete', value: figure(meanAbsoluteError(guesses(complete))), rows },
    { name: 'coverage', value: figure(coverage(tested)), rows },
    {
      name: 'coverageErrorWorstQuintile',
      value: figure(farthest(coverageByQuintile(tested), 0.9)),
      rows,
    },
    { name: 'intervalWidth', value: figure(mean(tested.map((it) => it.high - it.low))), rows },
    { name: 'gapWorstDecade', value: figure(farthest(gapByDecade(tested), 0)), rows },
  ] satisfies Metric[]
}

/**
 * The card's figures of the network, all out of fold: nobody was answered by a network that had
 * seen them, nor tested by a calibration that had.
 */
export function measureNetwork(answers: OutOfFold, nested = calibrateNested(answers)) {
  const inputSets = Object.fromEntries(
    Object.entries(answers.sets).map(([name, unseen]) => [name, measureSet(unseen, name, nested)]),
  )
  const everybody = answers.sets.all ?? []
  const rows = everybody.length
  const metrics: Metric[] = [
    { name: 'mae', value: figure(meanAbsoluteError(guesses(everybody))), rows },
    { name: 'r2', value: figure(determination(guesses(everybody))), rows },
    { name: 'coverage', value: figure(coverage(testNested(everybody, nested))), rows },
    ...measureSubsets(answers, nested),
  ]
  return { metrics, inputSets }
}

/** How interval and gap fare when people send any part of what was measured. */
function measureSubsets({ random }: OutOfFold, nested: readonly Calibration[]): Metric[] {
  const tested = testNested(random, nested)
  const rows = tested.length
  const gap = farthest(gapByDecade(tested), 0)
  return [
    { name: 'coverageRandomSubsets', value: figure(coverage(tested)), rows },
    { name: 'gapWorstDecadeRandomSubsets', value: figure(gap), rows },
  ]
}
