import { v7 as uuidv7 } from 'uuid'
import { emailKey } from '../../identity/credentials.js'
import type { Month } from '../credit-input.js'
import type { NewLine } from '../credit-line.js'
import { isReadable } from './cells.js'
import { isLineColumn, monthsOf, termsOf } from './client-row.js'
import type { CsvRow } from './csv-rows.js'
import type { Faults } from './faults.js'

/** Whether credit lines have such a column: `email`, the client’s, the terms, and those of months. */
export const isCreditLineColumn = (name: string): boolean => name === 'email' || isLineColumn(name)

/** A line to be opened, as a row has it; whose it is has to be looked up. */
export interface CreditLineRow {
  line: number
  emailKey: string
  /** null = not looked up, or nobody's */
  client: { id: string; managerId: string | null } | null
  terms: NewLine & { id: string; openedAt: Date }
  months: readonly Month[]
}

/** Reads a row by the rules of the forms; its faults are added to the others, and null is answered. */
export function creditLineRow(row: CsvRow, now: Date, faults: Faults): CreditLineRow | null {
  if (!isReadable(row, faults)) return null
  const { line } = row
  const email = row.cells.get('email')
  if (email === undefined) faults.add(line, 'email', 'Say whose line it is.')
  const terms = termsOf(row, faults)
  if (terms === null) faults.add(line, 'limit', 'Send the terms of the line.')
  const months = monthsOf(row, now, faults)
  if (email === undefined || !terms || !months) return null
  return {
    ...{ line, emailKey: emailKey(email), client: null, months },
    terms: { openedAt: now, ...terms, id: uuidv7() },
  }
}
