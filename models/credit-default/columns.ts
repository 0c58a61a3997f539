type Direction = -1 | 0 | 1

const direction = (names: readonly string[], towards: Direction) =>
  names.map((name) => [name, towards] as const)

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${name}${index + 1}`)

/**
 * What the trees see, features and columns the card derives, and how the risk may move with each.
 * Months late raise every column marked 1 and no other; payments and the limit lower those marked 1
 * and raise those marked −1; so the risk is monotone in what is sent, not in the columns alone.
 */
export const COLUMNS: ReadonlyMap<string, Direction> = new Map([
  ...direction(
    [
      ...numbered('monthsLate', 6),
      ...['worstLate', 'worstLateRecently', 'worstLateBefore', 'lateMonths', 'lateLately'],
      ...numbered('utilisation', 3),
      ...['utilisationMean', 'utilisationMost', 'utilisationLeast', 'monthsUnpaid'],
      ...numbered('carried', 5),
    ],
    1,
  ),
  ...direction(
    [
      ...['creditLimit', 'paid1', 'paid2', 'paidMean', 'paidLeast', 'paidMost'],
      ...numbered('paidShare', 5),
      ...['paidShareAll', 'paidOfLatest'],
    ],
    -1,
  ),
  ...direction(['billed1', 'billedMean', 'billedChange', 'monthsGiven'], 0),
])
