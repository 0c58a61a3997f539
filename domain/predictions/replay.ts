import { requireConsent } from '../consents/require-consent.js'
import type { Domain } from '../domain.js'
import { DomainError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { countWhatIf } from '../what-if/count-what-if.js'
import { isScored, type ScoredOutput, scoreOf } from '../what-if/score-of.js'
import { ConflictError } from './conflict-error.js'
import type { Prediction } from './prediction.js'
import { jobOfPrediction } from './queued-job.js'
import { readPrediction } from './read-prediction.js'
import { storedOutput } from './stored.js'

/** A past prediction computed again on the version it was made with. */
export interface Replay {
  prediction: Prediction
  output: ScoredOutput
  /** How far the two scores lie apart, in the output's unit or in probability. */
  difference: number
  /** Whether that is within the card's tolerance. */
  agrees: boolean
  /** Whether the artifact has still the hash it had then. */
  sameArtifact: boolean
}

/** Its version is not installed any more, its input has been erased, or it is a picture. */
export class NotReplayableError extends DomainError {
  readonly code = 'NOT_REPLAYABLE'
}

/**
 * Computes a prediction that succeeded again, unbilled, and compares; nothing is stored.
 *
 * @throws NotFoundError, ConflictError, NotReplayableError, ConsentRequiredError, RateLimitedError,
 * UnavailableError
 */
export async function replayPrediction(
  domain: Domain,
  viewer: Viewer,
  id: string,
): Promise<Replay> {
  const prediction = await readPrediction(domain, viewer, id)
  const before = storedOutput(prediction)
  if (prediction.status !== 'SUCCEEDED' || !before) throw new ConflictError(prediction)
  if (!isScored(before))
    throw new NotReplayableError('A picture has no score to compare: predict it again.')
  const job = prediction.erasedAt ? null : jobOfPrediction(domain, prediction)
  const installed = domain.catalogue.version(prediction.model, prediction.version)
  if (!job || !installed)
    throw new NotReplayableError('Its input has been erased, or its version is not installed.')
  await requireConsent(domain.db.prisma, viewer.userId, installed.card)
  await countWhatIf(domain, viewer)
  const { model, version, variant, input } = job
  const answer = await domain.ask({ model, version, variant, input, explain: false })
  if (!('output' in answer) || !isScored(answer.output))
    throw new NotReplayableError('failure' in answer ? answer.failure.message : 'It has no output.')
  const difference = Math.abs(scoreOf(answer.output).score - scoreOf(before).score)
  const { sha256 } = installed.card.variants.find(({ name }) => name === variant) ?? {}
  return {
    prediction,
    output: answer.output,
    difference,
    agrees: difference <= installed.card.tolerance,
    sameArtifact: sha256 === prediction.artifactSha256,
  }
}
