import { v7 as uuidv7 } from 'uuid'
import { emailKey } from '../../identity/credentials.js'
import { checked } from '../checked.js'
import { newAccount } from '../create-client.js'
import { person } from '../create-manager.js'
import { isReadable, valuesOf } from './cells.js'
import type { CsvRow } from './csv-rows.js'
import type { Faults } from './faults.js'

const COLUMNS = { firstName: 'text', lastName: 'text', phone: 'text' } as const

/** Whether managers have such a column: `email`, `firstName`, `lastName`, `phone`. */
export const isManagerColumn = (name: string): boolean =>
  name === 'email' || Object.hasOwn(COLUMNS, name)

/** A manager to be written, as a row has them. */
export interface ManagerRow {
  line: number
  emailKey: string
  person: {
    id: string
    email: string
    passwordHash: string
    firstName: string
    lastName: string
    phone: string | null
    hiredAt: Date
  }
}

/** Reads a row by the rules of the form; its faults are added to the others, and null is answered. */
export async function managerRow(
  row: CsvRow,
  now: Date,
  faults: Faults,
): Promise<ManagerRow | null> {
  if (!isReadable(row, faults)) return null
  const { line } = row
  const email = row.cells.get('email') ?? ''
  const account = await faults.checkedLater(line, newAccount({ email }))
  const named = faults.checked(line, () => checked(person, valuesOf(row, COLUMNS)))
  if (!account || !named) return null
  const { firstName, lastName, phone = null } = named
  return {
    ...{ line, emailKey: emailKey(email) },
    person: { id: uuidv7(), ...account, firstName, lastName, phone, hiredAt: now },
  }
}
