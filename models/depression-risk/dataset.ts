import { z } from 'zod'
import type { Values } from '../evaluation/evaluation.js'
import { readRows, readTable } from '../table/read-table.js'

/** NHANES 2021 to 2023, one row an adult who answered the PHQ-9. */
export const DATA_FILE = 'depression_nhanes_phq9.csv.gz'

/** The table's words for the card's choices. */
const WORK: Readonly<Record<string, string>> = {
  working: 'working',
  job_not_at_work: 'away',
  not_working: 'not_working',
  looking: 'looking',
}
const SEX: Readonly<Record<string, string>> = { F: 'female', M: 'male' }

/** The card's numbers and their columns in the table. */
const NUMBERS = {
  age: 'age',
  householdSize: 'household_size',
  incomeRatio: 'income_poverty_ratio',
  sleepWeekday: 'sleep_h_weekday',
  sleepWeekend: 'sleep_h_weekend',
  vigorousMinutes: 'vigorous_min_week',
  sedentaryMinutes: 'sedentary_min_day',
  bmi: 'bmi',
} as const

/** Features that a person may leave out, by the card's groups. */
export const OPTIONAL = {
  income: ['incomeRatio'],
  sleep: ['sleepWeekday', 'sleepWeekend'],
  activity: ['vigorousMinutes', 'sedentaryMinutes'],
  body: ['bmi'],
} as const
export type OptionalGroup = keyof typeof OPTIONAL

/** A person: what a model may see, what it is judged by, and what it never sees. */
export interface Adult {
  values: Values
  /** Ten or more on the PHQ-9. */
  truth: boolean
  fold: number
  ethnicity: string | undefined
}

const rowSchema = z.looseObject({
  depression: z.enum(['0', '1']),
  /** Rows kept aside may have none. */
  fold: z.coerce.number().int().min(0).max(4).default(0),
  race_eth: z.string().optional(),
})

const choice = (name: string, words: Readonly<Record<string, string>>, cell = '') =>
  words[cell] === undefined ? {} : { [name]: words[cell] }

function adult(row: Record<string, string>): Adult {
  const { depression, fold, race_eth } = rowSchema.parse(row)
  const numbers = Object.entries(NUMBERS).flatMap(([name, column]) =>
    row[column] ? [[name, Number(row[column])] as const] : [],
  )
  return {
    values: {
      ...Object.fromEntries(numbers),
      ...choice('sex', SEX, row.sex),
      ...choice('work', WORK, row.work_status),
    },
    truth: depression === '1',
    fold,
    ethnicity: race_eth || undefined,
  }
}

/** The values without some groups of them. */
export function without(values: Values, groups: readonly OptionalGroup[]): Values {
  const dropped = new Set<string>(groups.flatMap((group) => OPTIONAL[group]))
  return Object.fromEntries(Object.entries(values).filter(([name]) => !dropped.has(name)))
}

/** Reads every adult of a table. */
export async function readAdults(data: string): Promise<{ adults: Adult[]; sha256: string }> {
  const table = await readTable(data, DATA_FILE)
  return { adults: readRows(table, adult), sha256: table.sha256 }
}
