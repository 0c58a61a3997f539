import { DomainError } from '../errors.js'

/** What the spending of an API key is counted over: calendar days and months of UTC, or its life. */
export const SPENDING_PERIODS = ['DAY', 'MONTH', 'TOTAL'] as const
export type SpendingPeriod = (typeof SPENDING_PERIODS)[number]

/** A cap that a call would pass, in credits; as PostgreSQL tells it. */
export interface PassedCap {
  period: SpendingPeriod
  cap: number
  /** Held or captured in the present period. */
  spent: number
  needed: number
  /** ISO 8601; null = never. */
  resetsAt: string | null
}

const over = { DAY: 'a day', MONTH: 'a month', TOTAL: 'in all' } as const

/** The API key may not spend so much; `resetsAt` is when it may again, null = when its owner says so. */
export class SpendingCapError extends DomainError {
  readonly code = 'SPENDING_CAP'
  readonly period: SpendingPeriod
  readonly cap: number
  readonly spent: number
  readonly needed: number
  readonly resetsAt: Date | null

  constructor({ period, cap, spent, needed, resetsAt }: PassedCap) {
    super(
      `This API key may spend ${cap} credits ${over[period]}: ${spent} are spent, and this needs ${needed}.`,
    )
    this.period = period
    this.cap = cap
    this.spent = spent
    this.needed = needed
    this.resetsAt = resetsAt === null ? null : new Date(resetsAt)
  }
}
