import type { ModelCard } from '@presage/models/card/card-schema'
import { toCanonical } from '@presage/models/card/feature-schema'
import type { Currency, Verdict } from '@presage/prisma/generated/client/client'
import type { Policy } from './policy.js'

/** What the policy's cut-offs make of a probability; a person decides. */
export function proposalOf(
  { approveBelow, declineFrom }: Pick<Policy, 'approveBelow' | 'declineFrom'>,
  probability: number,
): Verdict {
  if (probability < approveBelow) return 'APPROVE'
  return probability >= declineFrom ? 'DECLINE' : 'REFER'
}

/**
 * An amount in NT$, the policy's currency, by the rates of the model's card: the desk keeps no others.
 * Without a card only NT$ themselves are known, and all else is beyond any bound.
 */
export function inPolicyCurrency(
  card: Pick<ModelCard, 'features'> | undefined,
  amount: number,
  currency: Currency,
): number {
  if (currency === 'TWD') return amount
  const limit = card?.features.find(({ name }) => name === 'creditLimit')
  const unit = limit?.units?.find(({ name }) => name === currency)
  return unit ? toCanonical(unit, amount) : Number.POSITIVE_INFINITY
}
