import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { DATA_FILE, MONTHS } from '@presage/models/credit-default/dataset'
import { DEFAULT_DATA, readTable } from '@presage/models/table/read-table'
import { PARAMETERS_FILE, type Parameters, PERCENTILES, parametersSchema } from './parameters.js'

// `pnpm desk:fit [--data DIR]`: measures how the accounts of the credit table behave, for the seed of
// the desk. What is written are shares and percentiles of thousands of rows, and no row.

const { values: options } = parseArgs({
  options: { data: { type: 'string', default: DEFAULT_DATA } },
})

type Row = Record<string, string>

/** Four digits are more than a percentile of 24,000 rows is sure of. */
const rounded = (value: number) => Number(value.toPrecision(4))

function quantiles(values: number[]): number[] {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b)
  return PERCENTILES.map((at) => rounded(sorted[Math.floor(at * (sorted.length - 1))] ?? 0))
}

function sharesOf(values: readonly number[], kinds: number): number[] {
  const counts = new Array<number>(kinds).fill(0)
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1
  return counts.map((count) => rounded(count / Math.max(1, values.length)))
}

const number = (row: Row, column: string) => Number(row[column])
const late = (row: Row, month: number) =>
  Math.min(8, Math.max(0, number(row, `pay_${month === 1 ? 0 : month}`)))
const billed = (row: Row, month: number) => number(row, `bill_amt${month}`)

/** Two neighbouring months of an account; `before` is the older. */
interface Step {
  before: number
  late: number
  /** As a share of the limit. */
  change: number
  /** Of the statement before; NaN where there was none. */
  paid: number
}

function stepsOf(row: Row): Step[] {
  const limit = number(row, 'limit_bal')
  return MONTHS.slice(0, -1).map((month) => {
    const owed = billed(row, month + 1)
    return {
      before: late(row, month + 1),
      late: late(row, month),
      change: (billed(row, month) - owed) / limit,
      paid: owed > 0 ? Math.min(2, number(row, `pay_amt${month}`) / owed) : Number.NaN,
    }
  })
}

/** Counted as so many rows of any late account: some numbers of months late have a handful of rows. */
const SMOOTHING = 200

/** How late accounts are a month after having been so late, drawn towards late accounts in general. */
function lateAfter(steps: readonly Step[]): number[][] {
  const anyLate = sharesOf(
    steps.filter((step) => step.before > 0).map((step) => step.late),
    9,
  )
  return Array.from({ length: 9 }, (_, before) => {
    const next = steps.filter((step) => step.before === before).map((step) => step.late)
    const towards = before === 0 ? 0 : SMOOTHING
    return sharesOf(next, 9).map((share, kind) =>
      rounded((share * next.length + (anyLate[kind] ?? 0) * towards) / (next.length + towards)),
    )
  })
}

const byLateness = <T extends { late: number }>(all: T[], value: (each: T) => number) => ({
  onTime: quantiles(all.filter((each) => each.late === 0).map(value)),
  late: quantiles(all.filter((each) => each.late > 0).map(value)),
})

/** The share of each kind, by the numbers that the table has for it. */
const kindsOf = <Kind extends string>(
  rows: Row[],
  column: string,
  kinds: Record<Kind, string[]>,
) => {
  const share = (numbers: string[]) =>
    rounded(rows.filter((row) => numbers.includes(row[column] ?? '')).length / rows.length)
  const entries = Object.entries<string[]>(kinds).map(([kind, numbers]) => [kind, share(numbers)])
  return Object.fromEntries(entries) as Record<Kind, number>
}

async function fit(): Promise<Parameters> {
  const { rows, sha256 } = await readTable(options.data, DATA_FILE)
  const card = (await loadCatalogue()).model('credit-default')?.card
  if (!card) throw new Error('The model credit-default is not installed.')
  const { source, licence, citation } = card.trainingData
  const steps = rows.flatMap(stepsOf)
  const first = MONTHS.length
  const firsts = rows.map((row) => ({
    late: late(row, first),
    use: billed(row, first) / number(row, 'limit_bal'),
  }))
  return {
    data: { source, licence, citation, sha256, rows: rows.length },
    creditLimit: quantiles(rows.map((row) => number(row, 'limit_bal'))),
    late: {
      first: sharesOf(
        firsts.map((each) => each.late),
        9,
      ),
      next: lateAfter(steps),
    },
    use: byLateness(firsts, ({ use }) => use),
    change: byLateness(steps, ({ change }) => change),
    paid: byLateness(steps, ({ paid }) => paid),
    female: rounded(rows.filter((row) => row.sex === '2').length / rows.length),
    age: quantiles(rows.map((row) => number(row, 'age'))),
    education: kindsOf(rows, 'education', {
      ...{ GRADUATE_SCHOOL: ['1'], UNIVERSITY: ['2'], HIGH_SCHOOL: ['3'] },
      OTHER: ['0', '4', '5', '6'],
    }),
    maritalStatus: kindsOf(rows, 'marriage', { SINGLE: ['2'], MARRIED: ['1'], OTHER: ['0', '3'] }),
  }
}

const parameters = parametersSchema.parse(await fit())
writeFileSync(PARAMETERS_FILE, `${JSON.stringify(parameters)}\n`)
console.log(`${parameters.data.rows} rows measured: ${PARAMETERS_FILE}`)
