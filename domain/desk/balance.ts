/** A portfolio to be balanced: who is in it, in the order in which they would leave. */
export interface Portfolio {
  managerId: string
  clientIds: readonly string[]
}

/**
 * Who is to have whom besides, so that the portfolios are as even as may be with the fewest moves:
 * first those who are nobody's go where there are fewest; with `all`, clients also leave portfolios
 * that are too large, until no two sizes differ by more than one.
 *
 * @returns by manager, without those who get nobody.
 */
export function balance(
  portfolios: readonly Portfolio[],
  free: readonly string[],
  { all }: { all: boolean },
): Map<string, string[]> {
  const gains = new Map<string, string[]>()
  if (portfolios.length === 0) return gains
  const sizes = portfolios.map(({ clientIds }) => clientIds.length)
  const wanted = all ? evenSizes(sizes, free.length) : filledSizes(sizes, free.length)
  const leaving = portfolios.flatMap(({ clientIds }, n) => clientIds.slice(wanted[n]))
  const moving = [...free, ...leaving]
  for (const [n, { managerId, clientIds }] of portfolios.entries()) {
    const gained = moving.splice(0, Math.max(0, (wanted[n] ?? 0) - clientIds.length))
    if (gained.length > 0) gains.set(managerId, gained)
  }
  return gains
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0)

/** What is left over stays with those who have most: fewer have to move. */
function evenSizes(sizes: readonly number[], more: number): number[] {
  const total = sum(sizes) + more
  const least = Math.floor(total / sizes.length)
  const over = total % sizes.length
  const largestFirst = sizes.map((_, n) => n).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0))
  const larger = new Set(largestFirst.slice(0, over))
  return sizes.map((_, n) => least + (larger.has(n) ? 1 : 0))
}

/** Nobody leaves: the smallest are filled up to one level, and what is left over is one more each. */
function filledSizes(sizes: readonly number[], more: number): number[] {
  const missing = (level: number) => sum(sizes.map((size) => Math.max(0, level - size)))
  let low = Math.min(...sizes)
  let high = low + more
  while (low < high) {
    const level = Math.ceil((low + high) / 2)
    if (missing(level) <= more) low = level
    else high = level - 1
  }
  let over = more - missing(low)
  return sizes.map((size) => {
    if (size > low) return size
    over -= 1
    return low + (over >= 0 ? 1 : 0)
  })
}
