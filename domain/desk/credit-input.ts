import type { Currency } from '@presage/prisma/generated/client/client'

/** The model of every score. */
export const MODEL = 'credit-default'
export const VARIANT = 'boosted'

/** Months of history that the model looks at. */
export const MONTHS_SEEN = 6

/** A month of a history; `month` is its first day, `2026-11-01`. Amounts are in the line's currency. */
export interface Month {
  month: string
  billed: number
  paid: number
  monthsLate: number
}

/** What a score is made from. */
export interface CreditFacts {
  /** null = no credit line. */
  line: { creditLimit: number; currency: Currency } | null
  /** Newest first. */
  months: readonly Month[]
}

/** The first day of the month before. */
export function monthBefore(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number - 2, 1)).toISOString().slice(0, 10)
}

/**
 * The features that the model is asked with, as its API takes them, amounts with their currency; null
 * when there is no line or no month. The model's months follow each other, so a month that is missing
 * ends the history. Nothing of the profile is among them: the model knows nothing of the person.
 */
export function creditInput({ line, months }: CreditFacts): Record<string, unknown> | null {
  const latest = months[0]
  if (!line || !latest) return null
  const amount = (value: number) => ({ value, unit: line.currency })
  const input: Record<string, unknown> = { creditLimit: amount(line.creditLimit) }
  let due = latest.month
  for (const [place, { month, billed, paid, monthsLate }] of months
    .slice(0, MONTHS_SEEN)
    .entries()) {
    if (month !== due) break
    input[`billed${place + 1}`] = amount(billed)
    input[`paid${place + 1}`] = amount(paid)
    input[`monthsLate${place + 1}`] = monthsLate
    due = monthBefore(month)
  }
  return input
}
