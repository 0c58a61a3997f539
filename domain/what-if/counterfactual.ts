import type { Question } from '@presage/messages/question'
import type { ModelCard } from '@presage/models/card/card-schema'
import type { FeatureValue } from '@presage/models/card/feature-schema'
import type { Domain } from '../domain.js'
import { DomainError, InvalidInputError, UnavailableError } from '../errors.js'
import { ConflictError } from '../predictions/conflict-error.js'
import type { Prediction } from '../predictions/prediction.js'
import { jobOfPrediction } from '../predictions/queued-job.js'
import { readPrediction } from '../predictions/read-prediction.js'
import { storedOutput } from '../predictions/stored.js'
import type { Viewer } from '../viewer.js'
import { countWhatIf } from './count-what-if.js'
import { isScored, type Score, scoreOf } from './score-of.js'

/** Where the score shall get to: exactly one of these. */
export interface CounterfactualTarget {
  /** A value or probability, and everything under it. */
  atMost?: number | null
  atLeast?: number | null
  /** A band of the card, or a better or worse one, whichever way it lies. */
  band?: string | null
}

/** One feature's change, in its first unit. */
export interface FeatureChange {
  feature: string
  from: FeatureValue
  to: FeatureValue
}

/** The changes that reach a target, and the score that the model itself gives with them. */
export interface Counterfactual extends Score {
  prediction: Prediction
  changes: FeatureChange[]
}

/** The card does not permit it, or the input has been erased. */
export class CounterfactualUnavailableError extends DomainError {
  readonly code = 'COUNTERFACTUAL_UNAVAILABLE'
}

/** No change of what can be changed, of up to four features together, reaches the target. */
export class NoCounterfactualError extends DomainError {
  readonly code = 'NO_COUNTERFACTUAL'

  constructor() {
    super('No change of up to four features that can be changed was found that reaches it.')
  }
}

type Target = NonNullable<Question['target']>

const wrongTarget = (message: string) => new InvalidInputError([{ path: ['target'], message }])

/** The nearer end of a band, seen from a score. */
function targetOfBand(card: ModelCard, name: string, now: number): Target {
  if (card.task !== 'classification') throw wrongTarget(`${card.title} has no bands.`)
  const { bands } = card.output
  const index = bands.findIndex((band) => band.name === name)
  if (index < 0) throw wrongTarget(`Name one of ${bands.map((band) => band.name).join(', ')}.`)
  const below = bands[index]?.below ?? 1
  const from = bands[index - 1]?.below ?? 0
  // A band ends just before its bound, by less than anything that is shown.
  return now >= below
    ? { toward: 'lower', score: below - Number.EPSILON }
    : { toward: 'higher', score: from }
}

function targetOf(card: ModelCard, target: CounterfactualTarget, now: number): Target {
  const { atMost, atLeast, band } = target
  if (atMost != null) return { toward: 'lower', score: atMost }
  if (atLeast != null) return { toward: 'higher', score: atLeast }
  if (band != null) return targetOfBand(card, band, now)
  throw wrongTarget('Say atMost, atLeast or band.')
}

function changesBetween(
  card: ModelCard,
  before: Readonly<Record<string, FeatureValue>>,
  after: Readonly<Record<string, FeatureValue>>,
): FeatureChange[] {
  return card.features.flatMap(({ name }) => {
    const [from, to] = [before[name], after[name]]
    return from === undefined || to === undefined || from === to
      ? []
      : [{ feature: name, from, to }]
  })
}

/** What of a prediction a counterfactual starts from. */
async function startOf(domain: Domain, viewer: Viewer, id: string) {
  const prediction = await readPrediction(domain, viewer, id)
  const output = storedOutput(prediction)
  if (prediction.status !== 'SUCCEEDED' || !output) throw new ConflictError(prediction)
  const card = domain.catalogue.version(prediction.model, prediction.version)?.card
  const job = prediction.erasedAt ? null : jobOfPrediction(domain, prediction)
  if (!card || !job)
    throw new CounterfactualUnavailableError(
      'Its input has been erased, or its version is not installed.',
    )
  if (!card.counterfactual || !isScored(output))
    throw new CounterfactualUnavailableError(`${card.title} does not say what would change it.`)
  return { prediction, card, job, now: scoreOf(output) }
}

/**
 * The smallest change of what can be changed that brings a past prediction to a target, on its
 * own model version: unbilled, stored nowhere, and every answer is the model's own.
 *
 * @throws NotFoundError, ConflictError, CounterfactualUnavailableError, NoCounterfactualError,
 * InvalidInputError, RateLimitedError, UnavailableError
 */
export async function counterfactual(
  domain: Domain,
  viewer: Viewer,
  id: string,
  wanted: CounterfactualTarget,
): Promise<Counterfactual> {
  const { prediction, card, job, now } = await startOf(domain, viewer, id)
  const target = targetOf(card, wanted, now.score)
  await countWhatIf(domain, viewer)
  const { model, version, variant, input } = job
  const answer = await domain.ask({ model, version, variant, input, explain: false, target })
  if (!('counterfactual' in answer))
    throw new UnavailableError('The worker could not search. Try again.')
  if (!answer.counterfactual) throw new NoCounterfactualError()
  const { values, score } = answer.counterfactual
  return { prediction, changes: changesBetween(card, input, values), score, unit: now.unit }
}
