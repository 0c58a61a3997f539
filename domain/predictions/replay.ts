import type { Output } from '@presage/messages/output'
import type { Answer } from '@presage/messages/question'
import { requireConsent } from '../consents/require-consent.js'
import type { Domain } from '../domain.js'
import { DomainError } from '../errors.js'
import { keptResult } from '../uploads/kept-result.js'
import type { Viewer } from '../viewer.js'
import { countWhatIf } from '../what-if/count-what-if.js'
import { isScored, scoreOf } from '../what-if/score-of.js'
import { ConflictError } from './conflict-error.js'
import type { Prediction } from './prediction.js'
import { jobOfPrediction } from './queued-job.js'
import { readPrediction } from './read-prediction.js'
import { storedOutput } from './stored.js'

/** A past prediction computed again on the version it was made with. */
export interface Replay {
  prediction: Prediction
  output: Output
  /**
   * How far the two scores lie apart, in the output's unit or in probability; of pictures 1 −
   * intersection over union of what they keep.
   */
  difference: number
  /** Whether that is within the card's tolerance. */
  agrees: boolean
  /** Whether the artifact has still the hash it had then. */
  sameArtifact: boolean
}

/** Its version is not installed any more, or its input or a picture is not kept any more. */
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
  const job = prediction.erasedAt ? null : jobOfPrediction(domain, prediction)
  const installed = domain.catalogue.version(prediction.model, prediction.version)
  if (!job || !installed)
    throw new NotReplayableError('Its input has been erased, or its version is not installed.')
  const earlier = isScored(before) ? undefined : await keptPicture(domain, prediction)
  await requireConsent(domain.db.prisma, viewer.userId, installed.card)
  await countWhatIf(domain, viewer)
  const { model, version, variant, input } = job
  const answer = await domain.ask({ model, version, variant, input, explain: false, earlier })
  if (!('output' in answer))
    throw new NotReplayableError('failure' in answer ? answer.failure.message : 'It has no output.')
  const difference = differenceOf(answer, before)
  const { sha256 } = installed.card.variants.find(({ name }) => name === variant) ?? {}
  return {
    prediction,
    output: answer.output,
    difference,
    agrees: difference <= installed.card.tolerance,
    sameArtifact: sha256 === prediction.artifactSha256,
  }
}

function differenceOf(
  { output, difference }: Extract<Answer, { output: Output }>,
  before: Output,
): number {
  if (isScored(output) && isScored(before))
    return Math.abs(scoreOf(output).score - scoreOf(before).score)
  if (difference === undefined) throw new NotReplayableError('What it gives cannot be compared.')
  return difference
}

/**
 * The id of the picture that came of a prediction, whose originals are kept, too.
 *
 * @throws NotReplayableError
 */
async function keptPicture(domain: Domain, prediction: Prediction): Promise<string> {
  const { db, identity } = domain
  const { id: predictionId, userId } = prediction
  const uses = await db.prisma.uploadUse.findMany({ where: { predictionId } })
  const originals = uses.map(({ uploadId }) => uploadId)
  const kept = await db.prisma.upload.count({
    where: { id: { in: originals }, userId, expiresAt: { gt: identity.now() } },
  })
  const isKept = kept > 0 && kept === originals.length
  if (isKept && keptResult(domain, prediction)) return predictionId
  throw new NotReplayableError('Its original or its picture is not kept any more.')
}
