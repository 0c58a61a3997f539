import type { Metric, Subgroup } from '../card/variant-schema.js'
import type { Judged } from '../metrics/judged.js'

/** A way to sort people into groups; undefined = of none. */
export interface Grouping<Row> {
  by: string
  group: (row: Row) => string | undefined
}

/** Fewer rows of a group than this say nothing of it. */
const ENOUGH = 50

/** What each group of people was measured to get, groups in order of their names. */
export function byGroup<Row>(
  rows: readonly Row[],
  judged: readonly Judged[],
  groupings: readonly Grouping<Row>[],
  measure: (judged: readonly Judged[]) => Metric[],
): Subgroup[] {
  return groupings.flatMap(({ by, group }) => {
    const groups = new Map<string, Judged[]>()
    rows.forEach((row, index) => {
      const [name, own] = [group(row), judged[index]]
      if (name === undefined || !own) return
      const members = groups.get(name) ?? []
      members.push(own)
      groups.set(name, members)
    })
    return [...groups]
      .filter(([, members]) => members.length >= ENOUGH)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, members]) => ({ by, group: name, metrics: measure(members) }))
  })
}
