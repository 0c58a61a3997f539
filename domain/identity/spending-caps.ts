import type { ApiKey, ApiKeySpending } from '@presage/prisma/generated/client/client'
import { z } from 'zod'
import { SPENDING_PERIODS, type SpendingPeriod } from './spending-cap-error.js'

/** A limit of what an API key may spend, in credits. */
export interface SpendingCap {
  period: SpendingPeriod
  credits: number
}

/** A cap with what was spent of it in the present period. */
export interface SpendingCapStand extends SpendingCap {
  spent: number
  /** When the next period begins; null = never. */
  resetsAt: Date | null
}

/** An API key with what it may spend and has spent. */
export type SpendingKey = ApiKey & { spending: ApiKeySpending | null }

type Columns = Pick<ApiKeySpending, 'dailyCap' | 'monthlyCap' | 'totalCap'>

/** Caps as callers send them: none, or one for each period at most. */
export const spendingCaps = z
  .array(
    z.object({
      period: z.enum(SPENDING_PERIODS),
      credits: z
        .int('Send whole credits.')
        .min(0, 'Send 0 or more.')
        .max(Number.MAX_SAFE_INTEGER, 'Send at most 2^53 - 1.'),
    }),
  )
  .refine((caps) => new Set(caps.map(({ period }) => period)).size === caps.length, {
    message: 'Send one cap at most for each period.',
  })

/** All caps as they are stored; null = none. */
export function capColumns(caps: readonly SpendingCap[]): Columns {
  const of = (wanted: SpendingPeriod) => {
    const cap = caps.find(({ period }) => period === wanted)
    return cap ? BigInt(cap.credits) : null
  }
  return { dailyCap: of('DAY'), monthlyCap: of('MONTH'), totalCap: of('TOTAL') }
}

/** What a key has spent in the present periods, in credits held or captured. */
export function spentOf(
  spending: ApiKeySpending | null,
  now: Date,
): Readonly<Record<SpendingPeriod, number>> {
  if (!spending?.day) return { DAY: 0, MONTH: 0, TOTAL: 0 }
  const { day, daySpent, monthSpent, totalSpent } = spending
  // The day before of a server whose clock is behind the database's has ended.
  const isToday = day >= dayOf(now)
  const isThisMonth = monthOf(day) >= monthOf(now)
  return {
    DAY: isToday ? Number(daySpent) : 0,
    MONTH: isThisMonth ? Number(monthSpent) : 0,
    TOTAL: Number(totalSpent),
  }
}

/** The caps of a key as they stand, the shortest period first. */
export function capsOf(spending: ApiKeySpending | null, now: Date): SpendingCapStand[] {
  const caps = { DAY: spending?.dailyCap, MONTH: spending?.monthlyCap, TOTAL: spending?.totalCap }
  const spent = spentOf(spending, now)
  return SPENDING_PERIODS.flatMap((period) => {
    const cap = caps[period]
    if (cap == null) return []
    return { period, credits: Number(cap), spent: spent[period], resetsAt: endOf(period, now) }
  })
}

const dayOf = (at: Date) =>
  new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()))

const monthOf = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth()))

function endOf(period: SpendingPeriod, now: Date): Date | null {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()]
  if (period === 'DAY') return new Date(Date.UTC(year, month, day + 1))
  return period === 'MONTH' ? new Date(Date.UTC(year, month + 1)) : null
}
