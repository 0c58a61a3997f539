import { v7 as uuidv7 } from 'uuid'
import { emailKey } from '../../identity/credentials.js'
import { checked } from '../checked.js'
import { newAccount } from '../create-client.js'
import type { Month } from '../credit-input.js'
import { newLine } from '../credit-line.js'
import type { NewPerson } from '../insert-clients.js'
import { type Profile, parseProfile } from '../profile.js'
import { payment } from '../record-payment.js'
import { type CellType, isReadable, valuesOf } from './cells.js'
import type { CsvRow } from './csv-rows.js'
import type { Faults } from './faults.js'

const PROFILE = {
  firstName: 'text',
  middleName: 'text',
  lastName: 'text',
  sex: 'choice',
  age: 'number',
  education: 'choice',
  maritalStatus: 'choice',
  dependants: 'number',
  employment: 'choice',
  income: 'number',
  housing: 'choice',
  byPhone: 'boolean',
  byEmail: 'boolean',
  byPost: 'boolean',
} as const satisfies Record<keyof Profile, CellType>

const LINE = {
  amountTotal: 'number',
  limit: 'number',
  annualRate: 'number',
  currency: 'choice',
  openedAt: 'date',
} as const

const MONTH = { billed: 'number', paid: 'number', monthsLate: 'number' } as const
const MONTH_COLUMN = /^(billed|paid|monthsLate) (\d{4}-(?:0[1-9]|1[0-2]))$/

/** Whether it is a term of a line, or a month's. */
export const isLineColumn = (name: string): boolean =>
  Object.hasOwn(LINE, name) || MONTH_COLUMN.test(name)

/**
 * Whether clients have such a column: `email`, the fields of a profile, `manager` (an e-mail), the
 * terms of a line, and for each month `billed 2026-10`, `paid 2026-10` and `monthsLate 2026-10`.
 */
export const isClientColumn = (name: string): boolean =>
  name === 'email' || name === 'manager' || Object.hasOwn(PROFILE, name) || isLineColumn(name)

/** A row without a fault of its own; whose the client is has to be looked up. */
export interface ClientRow {
  line: number
  emailKey: string
  /** The manager's; null = nobody's client. */
  managerKey: string | null
  person: NewPerson
}

/** Reads a row by the rules of the forms; its faults are added to the others, and null is answered. */
export async function clientRow(row: CsvRow, now: Date, faults: Faults): Promise<ClientRow | null> {
  if (!isReadable(row, faults)) return null
  const { line } = row
  const email = row.cells.get('email') ?? ''
  const account = await faults.checkedLater(line, newAccount({ email }))
  const profile = faults.checked(line, () => parseProfile(valuesOf(row, PROFILE)))
  const terms = termsOf(row, faults)
  const months = monthsOf(row, now, faults)
  if (months && months.length > 0 && terms === null)
    faults.add(line, 'limit', 'Months are of a credit line: send its terms.')
  if (!account || !profile || terms === undefined || !months) return null
  if (months.length > 0 && terms === null) return null
  const managerKey = row.cells.get('manager')
  return {
    ...{ line, emailKey: emailKey(email), managerKey: managerKey ? emailKey(managerKey) : null },
    person: {
      ...{ id: uuidv7(), ...account, managerId: null, profile, months, createdAt: now },
      line: terms && { id: uuidv7(), ...terms },
    },
  }
}

/** Reads the terms of a row's line; null = it has none, undefined = they are wrong. */
export function termsOf(row: CsvRow, faults: Faults) {
  const { limit, ...values } = valuesOf(row, LINE)
  const sent = { ...values, ...(limit !== undefined && { creditLimit: limit }) }
  if (Object.keys(sent).length === 0) return null
  return faults.checked(row.line, () => checked(newLine, sent), columnOfTerm) ?? undefined
}

const columnOfTerm = (field: string): string => (field === 'creditLimit' ? 'limit' : field)

/** Reads the months of a row; null = they are wrong. */
export function monthsOf(row: CsvRow, now: Date, faults: Faults): Month[] | null {
  const names = new Set<string>()
  for (const column of row.cells.keys()) {
    const [, , month] = MONTH_COLUMN.exec(column) ?? []
    if (month) names.add(month)
  }
  const months = [...names].map((month) => monthOf(row, month, now, faults))
  const good = months.filter((month) => month !== null)
  return good.length === months.length ? good : null
}

function monthOf(row: CsvRow, month: string, now: Date, faults: Faults): Month | null {
  const { line } = row
  const first = `${month}-01`
  if (first > now.toISOString()) {
    faults.add(line, `billed ${month}`, 'This month is yet to come.')
    return null
  }
  const cells = Object.keys(MONTH).flatMap((field) => {
    const cell = row.cells.get(`${field} ${month}`)
    return cell === undefined ? [] : [[field, cell] as const]
  })
  const values = valuesOf({ ...row, cells: new Map(cells) }, MONTH)
  const sent = { month: first, ...values }
  return faults.checked(
    line,
    () => checked(payment, sent),
    (field) => `${field} ${month}`,
  )
}
