import { type PredictionRequest, parseRequest } from '../catalogue/parse-request.js'
import { requireConsent } from '../consents/require-consent.js'
import type { Domain } from '../domain.js'
import { InvalidInputError, UnavailableError } from '../errors.js'
import type { Viewer } from '../viewer.js'
import { countWhatIf } from './count-what-if.js'
import { isScored, type Score, scoreOf } from './score-of.js'

/** A bare score, and how many more may be asked for today. */
export interface WhatIf extends Score {
  remaining: number
}

/**
 * The score that a model on sale gives an input: unbilled, stored nowhere, without an interval or
 * an explanation.
 *
 * @throws InvalidInputError, ConsentRequiredError, RateLimitedError, UnavailableError
 */
export async function whatIf(
  domain: Domain,
  viewer: Viewer,
  request: PredictionRequest,
): Promise<WhatIf> {
  const { model, variant, values } = parseRequest(domain, request)
  if (model.card.task === 'image')
    throw new InvalidInputError([
      { path: ['input'], message: `${model.card.title} has no score: its pictures are paid for.` },
    ])
  await requireConsent(domain.db.prisma, viewer.userId, model.card)
  const remaining = await countWhatIf(domain, viewer)
  const { name, version } = model.card
  const answer = await domain.ask({
    ...{ model: name, version, variant: variant.name },
    ...{ input: values, explain: false },
  })
  if ('failure' in answer)
    throw new InvalidInputError([{ path: ['input'], message: answer.failure.message }])
  if (!('output' in answer) || !isScored(answer.output))
    throw new UnavailableError('The worker answered something else.')
  return { ...scoreOf(answer.output), remaining }
}
