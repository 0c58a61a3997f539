import { type CreditFacts, MONTHS_SEEN, type Month } from './credit-input.js'

/** A history with further months. */
export interface Scenario {
  months: number
  facts: { line: NonNullable<CreditFacts['line']>; months: readonly Month[] }
  /** New purchases and charges a month that it assumes: the mean of the months known. */
  spending: number
}

/** The first day of the month after. */
export function monthAfter(month: string): string {
  const [year = 0, number = 0] = month.split('-').map(Number)
  return new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10)
}

/**
 * The history, newest first, with so many months appended that are each paid in full and on time: what
 * stands on the latest statement is paid, and the next one says the spending alone. What has been stays as
 * it is, and the window that the model sees moves on.
 */
export function paidInFull({ line, months }: CreditFacts, ahead: number): Scenario {
  if (!line) throw new Error('a line is looked ahead from')
  const spending = meanSpending(months)
  const history = [...months]
  for (let each = 0; each < ahead; each++) {
    const latest = history[0]
    if (!latest) throw new Error('a month is looked ahead from')
    history.unshift({
      month: monthAfter(latest.month),
      billed: spending,
      paid: Math.max(0, latest.billed),
      monthsLate: 0,
    })
  }
  return { months: ahead, facts: { line, months: history.slice(0, MONTHS_SEEN) }, spending }
}

/**
 * What is spent a month: a statement is the one before, less what was paid, and what is new. Of a single
 * month it is the statement. Never below nothing.
 */
function meanSpending(months: readonly Month[]): number {
  const spent = months.flatMap(({ billed, paid }, place) => {
    const before = months[place + 1]
    return before ? [billed - before.billed + paid] : []
  })
  const known = spent.length > 0 ? spent : months.slice(0, 1).map(({ billed }) => billed)
  return Math.max(0, Math.round(known.reduce((sum, each) => sum + each, 0) / known.length))
}
