/** Four decimals: an hour in years, and an artifact that can be read. */
export const rounded = (value: number) => Math.round(value * 1e4) / 1e4

/** The numbers in ascending order, apart from the originals. */
export const ascending = (numbers: readonly number[]) => Float64Array.from(numbers).sort()

/** The `level` quantile of ascending numbers, linear between order statistics. */
export function quantile(ascending: ArrayLike<number>, level: number): number {
  const position = level * (ascending.length - 1)
  const below = Number(ascending[Math.floor(position)])
  const above = Number(ascending[Math.ceil(position)])
  return below + (above - below) * (position - Math.floor(position))
}
