import { z } from 'zod'

/** A piecewise-linear curve through (`at`, `value`), flat beyond its ends. */
export const curveSchema = z
  .strictObject({ at: z.array(z.number()).min(1), value: z.array(z.number()) })
  .refine(({ at, value }) => at.length === value.length, 'at and value must be equally long')
  .refine(({ at }) => at.every((x, i) => i === 0 || x > Number(at[i - 1])), 'at must increase')
export type Curve = z.infer<typeof curveSchema>

/** Linear interpolation between `a` (share 0) and `b` (share 1). */
export const blend = (a: number, b: number, share: number) => a + (b - a) * share

/** The place of `x` among increasing numbers: the index below it and the share of the step. */
export function locate(at: readonly number[], x: number): { index: number; share: number } {
  const above = at.findIndex((knot) => knot > x)
  if (above === 0 || at.length === 1) return { index: 0, share: 0 }
  if (above < 0) return { index: at.length - 2, share: 1 }
  const below = Number(at[above - 1])
  return { index: above - 1, share: (x - below) / (Number(at[above]) - below) }
}

/** The curve's value at `x`. */
export function readCurve(curve: Curve, x: number): number {
  const { index, share } = locate(curve.at, x)
  const below = Number(curve.value[index])
  return blend(below, Number(curve.value[index + 1] ?? below), share)
}
