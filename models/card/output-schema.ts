import { z } from 'zod'
import { type Complain, lowerCase, repeated, text } from './text.js'

/** A number in a unit. */
export const regressionSchema = z.strictObject({ title: text, unit: text })

/** A part of the probabilities, from the band before it to `below`. */
const bandSchema = z.strictObject({
  name: lowerCase,
  title: text,
  /** Absent in the last band, which ends at 1. */
  below: z.number().gt(0).lt(1).optional(),
})

/** The probability of one of two classes. */
export const classificationSchema = z.strictObject({
  title: text,
  labels: z.strictObject({ positive: lowerCase, negative: lowerCase }),
  /** From this probability on, the label is the positive one. */
  threshold: z.number().gt(0).lt(1),
  bands: z.array(bandSchema).min(1),
  /** A sentence for people; `{count}` is how many of 100, `{percent}` the same with a decimal. */
  meaning: text.regex(/\{(count|percent)\}/, 'must say {count} or {percent}'),
})
export type ClassificationCard = z.infer<typeof classificationSchema>

/** A picture. */
export const imageSchema = z.strictObject({ title: text, mediaType: z.enum(['image/png']) })

/** Complains of bands that do not cut 0 to 1 into parts, in order. */
export function checkBands({ bands }: ClassificationCard, complain: Complain): void {
  for (const twice of repeated(bands)) complain(['bands'], `${twice} is named twice`)
  bands.forEach(({ below }, index) => {
    const last = index === bands.length - 1
    if (last !== (below === undefined))
      complain(['bands', index, 'below'], 'every band but the last says where it ends')
    const before = bands[index - 1]?.below ?? 0
    if (below !== undefined && below <= before)
      complain(['bands', index, 'below'], `must be above ${before}, where the band before it ends`)
  })
}
