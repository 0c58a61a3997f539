import type { Output } from '@presage/messages/output'
import { parseRequest } from '../catalogue/parse-request.js'
import type { Domain } from '../domain.js'
import { InvalidInputError, UnavailableError } from '../errors.js'
import { countWhatIf } from '../what-if/count-what-if.js'
import { amountText } from './amount-text.js'
import { type CreditFacts, creditInput, MODEL, VARIANT } from './credit-input.js'
import type { Desk } from './desk.js'
import type { DeskViewer } from './desk-viewer.js'
import { NothingToScoreError } from './errors.js'
import { findClient, notTheirs } from './find-clients.js'
import { paidInFull, type Scenario } from './paid-in-full.js'
import { scoreFacts } from './score-input.js'

/** How the score would stand. */
export interface Outlook {
  /** Of missing the next payment, by the model itself. */
  probability: number
  band: string
}

/** What comes of so many further months. */
export interface Help extends Outlook {
  months: number
  /** For people. */
  text: string
}

export interface WhatWouldHelp {
  /** With the history as it is. */
  now: Outlook
  /** The fewest months first. */
  steps: Help[]
  /** Questions that may still be asked today. */
  remaining: number
}

const MONTHS_AHEAD = [1, 2, 3]

/**
 * What paying in full from now on would do to a client's score. It acts only forward: months are appended
 * to the history, which is never changed, the model's window moves on with them, and the model on sale
 * scores it, at once and unbilled. The whole is one question of the caller's.
 *
 * @throws NotFoundError, NothingToScoreError, RateLimitedError, InvalidInputError, UnavailableError
 */
export async function whatWouldHelp(
  desk: Pick<Desk, 'domain'>,
  me: DeskViewer,
  clientId: string,
): Promise<WhatWouldHelp> {
  const { domain } = desk
  await findClient(desk, me, clientId)
  const [known] = await scoreFacts(domain.db, [clientId])
  if (!known) throw notTheirs()
  const { line } = known
  if (!line || known.months.length === 0)
    throw new NothingToScoreError('There is no month of payments to look ahead from.')
  const remaining = await countWhatIf(domain, { ...me, sessionId: me.userId, email: '' })
  const scenarios = MONTHS_AHEAD.map((ahead) => paidInFull(known, ahead))
  const [now, ...after] = await Promise.all(
    [known, ...scenarios.map(({ facts }) => facts)].map((facts) => outlook(domain, facts)),
  )
  if (!now) throw new UnavailableError('The worker answered nothing.')
  const steps = after.flatMap((then, place) => {
    const scenario = scenarios[place]
    return scenario ? [{ ...then, months: scenario.months, text: textOf(scenario, now, then) }] : []
  })
  return { now, steps, remaining }
}

/** Asks a warm worker, beside the queue. */
async function outlook(domain: Domain, facts: CreditFacts): Promise<Outlook> {
  const features = creditInput(facts) ?? {}
  const { model, variant, values } = parseRequest(domain, {
    ...{ model: MODEL, variant: VARIANT, features },
  })
  const { name, version } = model.card
  const answer = await domain.ask({
    ...{ model: name, version, variant: variant.name, input: values, explain: false },
  })
  if ('failure' in answer)
    throw new InvalidInputError([{ path: ['client'], message: answer.failure.message }])
  if ('output' in answer && isClass(answer.output)) {
    const { probability, band } = answer.output
    return { probability, band }
  }
  throw new UnavailableError('The worker answered something else.')
}

const isClass = (output: Output) => output.kind === 'classification'

const COUNTS = ['statement', 'two statements', 'three statements']

const ofHundred = ({ probability }: Outlook): string => `${(100 * probability).toFixed(1)} of 100`

function textOf({ months, facts, spending }: Scenario, now: Outlook, then: Outlook): string {
  const { currency } = facts.line
  const paid = facts.months
    .slice(0, months)
    .map((month) => amountText(month.paid, currency))
    .reverse()
  const moves =
    then.probability < now.probability
      ? `falls from ${ofHundred(now)} to ${ofHundred(then)}`
      : `goes from ${ofHundred(now)} to ${ofHundred(then)}, so that alone does not help`
  return `If the next ${COUNTS[months - 1]} are paid in full and on time (${paid.join(', then ')}), with ${amountText(spending, currency)} a month of new purchases as before and the limit unchanged, the chance of a missed payment ${moves} (${then.band}).`
}
