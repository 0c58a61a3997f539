import { type Estimate, type Judged, mean, NORMAL_95 } from './judged.js'

/** Each number's place among all, from 1; equal numbers share the middle of their places. */
export function midranks(numbers: readonly number[]): number[] {
  const order = numbers.map((_, index) => index)
  order.sort((a, b) => Number(numbers[a]) - Number(numbers[b]))
  const ranks = new Array<number>(numbers.length)
  for (let from = 0; from < order.length; ) {
    let to = from
    while (to < order.length && numbers[order[to] ?? 0] === numbers[order[from] ?? 0]) to++
    for (let place = from; place < to; place++) ranks[order[place] ?? 0] = (from + 1 + to) / 2
    from = to
  }
  return ranks
}

/**
 * How each row fares against all of the other class: of a positive the share of negatives below
 * it, of a negative the share of positives above it. Ties count half.
 */
interface Placements {
  positives: number[]
  negatives: number[]
}

/** By midranks, O(n log n): Sun & Xu 2014, IEEE Signal Process. Lett. 21(11):1389. */
function placements(judged: readonly Judged[]): Placements {
  const score = ({ probability }: Judged) => probability
  const positives = judged.filter(({ truth }) => truth).map(score)
  const negatives = judged.filter(({ truth }) => !truth).map(score)
  const among = midranks([...positives, ...negatives])
  const [own, others] = [midranks(positives), midranks(negatives)]
  const [m, n] = [positives.length, negatives.length]
  return {
    positives: own.map((rank, i) => (Number(among[i]) - rank) / n),
    negatives: others.map((rank, j) => 1 - (Number(among[m + j]) - rank) / m),
  }
}

/** The variance of the mean of numbers. */
function varianceOfMean(numbers: readonly number[]): number {
  const centre = mean(numbers)
  const squares = numbers.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return squares / (numbers.length - 1) / numbers.length
}

/**
 * The area under the ROC curve, with its interval by DeLong et al. 1988 (Biometrics 44:837). Of one
 * class alone, or of none, it is NaN.
 */
export function areaUnderCurve(judged: readonly Judged[]): Estimate {
  const { positives, negatives } = placements(judged)
  if (positives.length === 0 || negatives.length === 0)
    return { value: Number.NaN, low: Number.NaN, high: Number.NaN }
  const value = mean(positives)
  const reach = NORMAL_95 * Math.sqrt(varianceOfMean(positives) + varianceOfMean(negatives))
  return { value, low: Math.max(0, value - reach), high: Math.min(1, value + reach) }
}

const differences = (a: readonly number[], b: readonly number[]) =>
  a.map((value, index) => value - Number(b[index]))

/** How much larger one model's area is than another's, on the same rows in the same order. */
export function differenceOfAreas(a: readonly Judged[], b: readonly Judged[]): Estimate {
  const [first, second] = [placements(a), placements(b)]
  const positives = differences(first.positives, second.positives)
  const negatives = differences(first.negatives, second.negatives)
  const value = mean(positives)
  const reach = NORMAL_95 * Math.sqrt(varianceOfMean(positives) + varianceOfMean(negatives))
  return { value, low: value - reach, high: value + reach }
}
