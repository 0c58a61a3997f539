import type { FeatureValue } from '../card/feature-schema.js'
import { pick } from '../golden/invent.js'
import type { Random } from '../random/random.js'
import { MONTHS } from './dataset.js'

/** Whole, as statements are, and six digits at most. */
const amount = (value: number) => Number(Math.round(value).toPrecision(6))

/** An invented account: what is paid in a month goes towards the statement before it. */
export function inventAccount(random: Random): Record<string, FeatureValue> {
  const creditLimit = amount(10 ** (4 + 2 * random()))
  const use = random() < 0.2 ? 0 : random()
  const months = 1 + Math.floor(random() * MONTHS.length)
  const account: Record<string, FeatureValue> = { creditLimit }
  for (const month of MONTHS.slice(0, months)) {
    const billed = amount(creditLimit * (use * (0.7 + 0.6 * random()) - 0.02 * random()))
    account[`billed${month}`] = billed
    account[`paid${month}`] = random() < 0.25 ? 0 : amount(Math.max(0, billed) * random() ** 2)
    account[`monthsLate${month}`] = random() < 0.6 ? 0 : pick([1, 2, 2, 2, 3, 4, 8], random)
  }
  return account
}
