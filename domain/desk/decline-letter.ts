import type { ModelCard } from '@presage/models/card/card-schema'
import { amountText } from './amount-text.js'
import type { DeskClient } from './client.js'
import { type Decision, standsSince } from './decision.js'
import { type Reason, reasonsOf } from './reasons.js'
import type { DeskScore } from './score.js'

/** What a client is written to whose credit was declined. */
export interface DeclineLetter {
  /** Since when the decision stands. */
  date: Date
  salutation: string
  decided: string
  /** The weightiest first; none = the score has no facts that raised it. */
  reasons: Reason[]
  mayDo: string[]
}

/** What a letter is made from. */
export interface LetterFacts {
  decision: Decision
  client: Pick<DeskClient, 'firstName' | 'lastName'>
  score: DeskScore
  card: Pick<ModelCard, 'features' | 'derived'>
}

const MAY_DO = [
  'You may ask again at any time: a new score looks at your payments as they are then.',
  'You may have a person look at this decision again: tell your manager, and say what was not seen.',
  'You may see all that the score was computed from, and ask for what is wrong to be put right.',
]

/** The letter of a decision to decline, once it stands; null before, of others, and once erased. */
export function declineLetter({
  decision,
  client,
  score,
  card,
}: LetterFacts): DeclineLetter | null {
  const date = standsSince(decision)
  if (decision.verdict !== 'DECLINE' || !date || !score.explanation) return null
  return {
    date,
    salutation: `Dear ${client.firstName} ${client.lastName},`,
    decided: decidedOf(decision, score),
    reasons: reasonsOf(card, score.explanation, decision.currency),
    mayDo: MAY_DO,
  }
}

/** A score that proposed otherwise is said to have: its reasons are then not why it was declined. */
function decidedOf({ amount, currency, proposed }: Decision, { createdAt }: DeskScore): string {
  const looked = `We looked at your credit line of ${amountText(amount, currency)} and at your score of ${dayText(createdAt)}.`
  const declined = 'A person has decided to decline it.'
  return proposed === 'DECLINE'
    ? `${looked} ${declined}`
    : `${looked} ${declined} The score alone would not have led to this; ask us what did.`
}

const dayText = (date: Date): string =>
  date.toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' })
