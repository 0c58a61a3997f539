import type { Feature, FeatureValue } from '@presage/models/card/feature-schema'
import { between, distance, stepsOf, type Toward } from './steps.js'

type Values = Readonly<Record<string, FeatureValue>>

/** What shall be reached: a score at most (`lower`) or at least (`higher`) `score`. */
export interface Target {
  toward: Toward
  score: number
}

/** Scores of rows by the real model; NaN where a row has none. */
export type ScoreRows = (rows: readonly Values[]) => Promise<number[]>

/** Changed values that reach the target, and the score the model gives them. */
export interface Counterfactual {
  values: Values
  score: number
}

/** Features changed together at most: more than that nobody acts on. */
const MOST_CHANGES = 4
/** Partial answers that each round goes on from. */
const BEAM = 12
/** Rounds that bring each changed value back towards its own. */
const SHRINK_ROUNDS = 12

interface Candidate extends Counterfactual {
  /** The sum of the distances of all changes. */
  cost: number
}

class Search {
  readonly #features: readonly Feature[]
  readonly #start: Values
  readonly #target: Target
  readonly #scoreRows: ScoreRows

  constructor(features: readonly Feature[], start: Values, target: Target, score: ScoreRows) {
    this.#features = features
    this.#start = start
    this.#target = target
    this.#scoreRows = score
  }

  reached({ score }: Pick<Candidate, 'score'>): boolean {
    return this.#target.toward === 'lower'
      ? score <= this.#target.score
      : score >= this.#target.score
  }

  /** How far the score still is from the target. */
  missing({ score }: Pick<Candidate, 'score'>): number {
    return Math.max(0, (score - this.#target.score) * (this.#target.toward === 'lower' ? 1 : -1))
  }

  async evaluate(rows: readonly Values[]): Promise<Candidate[]> {
    const scores = await this.#scoreRows(rows)
    return rows.flatMap((values, index) => {
      const score = scores[index]
      if (score === undefined || !Number.isFinite(score)) return []
      return [{ values, score, cost: this.#cost(values) }]
    })
  }

  #cost(values: Values): number {
    return this.#features.reduce((sum, feature) => {
      const [from, to] = [this.#start[feature.name], values[feature.name]]
      return from === undefined || to === undefined ? sum : sum + distance(feature, from, to)
    }, 0)
  }

  /** Every single further change of a candidate, of a feature it has not changed yet. */
  neighbours({ values }: Candidate): Values[] {
    return this.#features.flatMap((feature) => {
      const from = this.#start[feature.name]
      if (values[feature.name] !== from) return []
      const steps = stepsOf(feature, from, this.#target.toward)
      return steps.map((to) => ({ ...values, [feature.name]: to }))
    })
  }

  /** Brings each changed number back as far as the target holds, the dearest change first. */
  async shrink(found: Candidate): Promise<Candidate> {
    let best = found
    const changed = this.#features.filter(({ name }) => best.values[name] !== this.#start[name])
    for (const feature of changed) best = await this.#shrinkOne(best, feature)
    return best
  }

  async #shrinkOne(found: Candidate, feature: Feature): Promise<Candidate> {
    const { name } = feature
    let best = found
    let near = this.#start[name]
    for (let round = 0; round < SHRINK_ROUNDS; round++) {
      const far = best.values[name]
      if (near === undefined || far === undefined) return best
      const middle = round === 0 ? near : between(feature, near, far)
      if (middle === undefined) return best
      const [tried] = await this.evaluate([{ ...best.values, [name]: middle }])
      if (tried && this.reached(tried)) best = tried
      else near = middle
    }
    return best
  }
}

const cheapest = (candidates: readonly Candidate[]) =>
  candidates.reduce<Candidate | undefined>(
    (best, each) => (best && best.cost <= each.cost ? best : each),
    undefined,
  )

/**
 * The smallest change of mutable features, by the sum of its distances in shares of their ranges,
 * that brings the model's score to the target; a beam search over single changes, each answer of
 * which is then brought back as far as the model still agrees. Not proven minimal.
 *
 * @returns undefined when it finds none with up to four features changed.
 */
export async function findCounterfactual(
  features: readonly Feature[],
  start: Values,
  target: Target,
  scoreRows: ScoreRows,
): Promise<Counterfactual | undefined> {
  const search = new Search(features, start, target, scoreRows)
  let beam = await search.evaluate([start])
  let best = beam.find((each) => search.reached(each))
  for (let changes = 0; changes < MOST_CHANGES && !(best && best.cost === 0); changes++) {
    const tried = await search.evaluate(beam.flatMap((each) => search.neighbours(each)))
    const found = tried.filter((each) => search.reached(each)).sort((a, b) => a.cost - b.cost)
    const shrunk = await Promise.all(found.slice(0, BEAM).map((each) => search.shrink(each)))
    best = cheapest(best ? [best, ...shrunk] : shrunk)
    const bound = best?.cost ?? Number.POSITIVE_INFINITY
    beam = tried
      .filter((each) => !search.reached(each) && each.cost < bound)
      .sort((a, b) => search.missing(a) + a.cost - search.missing(b) - b.cost)
      .slice(0, BEAM)
    if (beam.length === 0) break
  }
  return best && { values: best.values, score: best.score }
}
