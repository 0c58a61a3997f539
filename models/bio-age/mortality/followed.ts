import { z } from 'zod'
import { readRows, readTable } from '../../table/read-table.js'
import { COLUMNS, CORE, DATA_FILE } from '../dataset.js'

/** A person of whom it is known whether they lived for ten years more. */
export interface Followed {
  fold: number
  values: Record<string, number | string>
  /** Died within ten years, of whatever cause. */
  truth: boolean
}

const rowSchema = z.looseObject({
  age: z.coerce.number(),
  sex: z.enum(['F', 'M']),
  pregnant: z.enum(['0', '1', '']),
  death10y: z.enum(['0', '1', '']),
  fold: z.coerce.number().int().min(0).max(4).default(0),
})

function followed(row: Record<string, string>): Followed | undefined {
  const { age, sex, pregnant, death10y, fold } = rowSchema.parse(row)
  if (pregnant === '1' || death10y === '') return undefined
  const markers = CORE.map((name) => [name, Number(row[COLUMNS[name]])] as const)
  const values = { ...Object.fromEntries(markers), age, sex: sex === 'F' ? 'female' : 'male' }
  return { fold, values, truth: death10y === '1' }
}

/**
 * Reads the people who were followed for ten years: those asked in 1988 to 2003, of all ages. Above
 * 85 (in 1988 to 1994: 90) the table names no age.
 */
export async function readFollowed(data: string) {
  const table = await readTable(data, DATA_FILE)
  const people = readRows(table, followed).filter((each) => each !== undefined)
  return { people, sha256: table.sha256 }
}
