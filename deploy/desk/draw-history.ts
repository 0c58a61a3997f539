import { type Month, monthBefore } from '@presage/domain/desk/credit-input'
import type { Random } from '@presage/models/random/random'
import type { Currency } from '@presage/prisma/generated/client/client'
import { drawIndex, drawQuantile, pick } from './draw.js'
import type { Parameters } from './parameters.js'

/** What one of a currency is in NT$, about; the model's card has it exactly. */
const NT_DOLLARS: Record<Currency, number> = { TWD: 1, USD: 32, EUR: 40 }
/** Of ten lines eight are in NT$. */
const CURRENCIES: readonly Currency[] = [
  'TWD',
  'TWD',
  'TWD',
  'TWD',
  'TWD',
  'TWD',
  'TWD',
  'TWD',
  'USD',
  'EUR',
]

const LEAST_LIMIT = 10_000

/** An account as it stands at the end of a month, in NT$. */
interface Standing {
  billed: number
  monthsLate: number
}

/** A drawn line with its history, newest month first. */
export interface DrawnLine {
  terms: { amountTotal: number; creditLimit: number; annualRate: number; currency: Currency }
  months: Month[]
}

/** Draws a line and so many months of its history, the latest being `latest`. */
export function drawLine(
  parameters: Parameters,
  { latest, count }: { latest: string; count: number },
  random: Random,
): DrawnLine {
  const currency = pick(CURRENCIES, random)
  const amount = (ntDollars: number) => Math.round((ntDollars / NT_DOLLARS[currency]) * 100) / 100
  const limit = Math.max(LEAST_LIMIT, drawQuantile(parameters.creditLimit, random))
  let standing = firstMonth(parameters, limit, random)
  const months: Omit<Month, 'month'>[] = []
  for (let n = 0; n < count; n += 1) {
    const next =
      n === 0 ? { ...standing, paid: 0 } : monthAfter(parameters, limit, standing, random)
    standing = next
    months.unshift({
      billed: amount(next.billed),
      paid: amount(next.paid),
      monthsLate: next.monthsLate,
    })
  }
  let month = latest
  return {
    terms: {
      amountTotal: amount(limit * (0.5 + 0.5 * random())),
      creditLimit: amount(limit),
      annualRate: Math.round((0.08 + 0.12 * random()) * 1000) / 1000,
      currency,
    },
    months: months.map((each) => {
      const dated = { month, ...each }
      month = monthBefore(month)
      return dated
    }),
  }
}

const of = (monthsLate: number) => (monthsLate === 0 ? 'onTime' : 'late')

function firstMonth({ late, use }: Parameters, limit: number, random: Random): Standing {
  const monthsLate = drawIndex(late.first, random)
  return { monthsLate, billed: limit * drawQuantile(use[of(monthsLate)], random) }
}

/** Late as often as accounts that were as late before, and billed and paid as such accounts are. */
function monthAfter(
  { late, change, paid }: Parameters,
  limit: number,
  before: Standing,
  random: Random,
): Standing & { paid: number } {
  const monthsLate = drawIndex(late.next[before.monthsLate] ?? late.first, random)
  const kind = of(monthsLate)
  const moved = before.billed + limit * drawQuantile(change[kind], random)
  return {
    monthsLate,
    billed: Math.min(1.2 * limit, Math.max(-0.02 * limit, moved)),
    paid: Math.max(0, before.billed) * drawQuantile(paid[kind], random),
  }
}
