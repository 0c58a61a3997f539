import { z } from 'zod'
import type { FeatureValue } from '../card/feature-schema.js'
import { blend, locate } from './curve.js'

/**
 * A term counts with the product, over its lists, of the share of the list's features that were
 * sent: no list = always 1, one list of one feature = 1 when it was sent.
 */
const sharesSchema = z.array(z.array(z.string()).min(1))
export type Shares = z.infer<typeof sharesSchema>

/**
 * What to predict for people of one group: a sum of curves over a covariate, linear between
 * knots and flat beyond them, which depends on the features that were sent.
 */
export const expectedSchema = z
  .strictObject({
    knots: z.array(z.number()).min(2),
    terms: z.array(z.strictObject({ shares: sharesSchema, values: z.array(z.number()) })).min(1),
  })
  .refine(
    ({ knots, terms }) => terms.every(({ values }) => values.length === knots.length),
    'every term needs one value for each knot',
  )
export type Expected = z.infer<typeof expectedSchema>

type Values = Readonly<Record<string, FeatureValue>>

/** The share of a list's features that were sent; a plain loop, for it runs millions of times. */
function shareSent(list: readonly string[], values: Values): number {
  let sent = 0
  for (const feature of list) if (values[feature] !== undefined) sent++
  return sent / list.length
}

/** How much a term counts for the features that were sent. */
export function weightOf(shares: Shares, values: Values): number {
  let weight = 1
  for (const list of shares) weight *= shareSent(list, values)
  return weight
}

/** The expected prediction for the features that were sent, at one value of the covariate. */
export function expectedAt({ knots, terms }: Expected, values: Values, along: number): number {
  const { index, share } = locate(knots, along)
  return terms.reduce(
    (sum, { shares, values: curve }) =>
      sum + weightOf(shares, values) * blend(Number(curve[index]), Number(curve[index + 1]), share),
    0,
  )
}
