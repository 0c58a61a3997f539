import { z } from 'zod'
import type { Values } from '../evaluation/evaluation.js'
import { readRows, readTable } from '../table/read-table.js'

/** Credit cards of a bank in Taiwan in 2005, one row a client. */
export const DATA_FILE = 'credit_taiwan.csv.gz'

/** Months of history, the latest first: month 1 is September 2005. */
export const MONTHS = [1, 2, 3, 4, 5, 6] as const

/** The table calls the latest status pay_0, and the one before pay_2. */
const statusColumn = (month: number) => `pay_${month === 1 ? 0 : month}`

/** A client: what a model may see, and what it is judged by and never sees. */
export interface Client {
  values: Values
  truth: boolean
  fold: number
  sex: 'female' | 'male' | undefined
  age: number | undefined
}

const rowSchema = z.looseObject({
  limit_bal: z.coerce.number(),
  default: z.enum(['0', '1']),
  /** Rows kept aside may have none. */
  fold: z.coerce.number().int().min(0).max(4).default(0),
  sex: z.enum(['1', '2']).optional(),
  age: z.coerce.number().optional(),
})

/** A cell's number, under the feature's name; nothing for an empty cell. */
const cell = (name: string, text: string | undefined, read = (value: number) => value) =>
  text ? { [name]: read(Number(text)) } : {}

/**
 * A month as the card asks for it. The bank's status also says how an account on time was paid
 * (−2 not used, −1 in full, 0 in part), which the amounts billed and paid tell as well.
 */
const monthValues = (row: Record<string, string>, month: number): Values => ({
  ...cell(`billed${month}`, row[`bill_amt${month}`]),
  ...cell(`paid${month}`, row[`pay_amt${month}`]),
  ...cell(`monthsLate${month}`, row[statusColumn(month)], (status) => Math.max(0, status)),
})

function client(row: Record<string, string>): Client {
  const { limit_bal, default: missed, fold, sex, age } = rowSchema.parse(row)
  const months = MONTHS.map((month) => monthValues(row, month))
  return {
    values: Object.assign({ creditLimit: limit_bal }, ...months),
    truth: missed === '1',
    fold,
    sex: sex && (sex === '2' ? 'female' : 'male'),
    age,
  }
}

/** The values with only the latest so many months of the history. */
export function latestMonths(values: Values, months: number): Values {
  const isKept = (name: string) => Number(/\d$/.exec(name)?.[0] ?? 0) <= months
  return Object.fromEntries(Object.entries(values).filter(([name]) => isKept(name)))
}

/** Reads every client of a table. */
export async function readClients(data: string): Promise<{ clients: Client[]; sha256: string }> {
  const table = await readTable(data, DATA_FILE)
  return { clients: readRows(table, client), sha256: table.sha256 }
}
