import { z } from 'zod'
import { featureSchema } from './feature-schema.js'
import { variantSchema } from './variant-schema.js'

/** An output as far as callers compare by it: its unit, its labels or its kind of picture. */
const outputSchema = z.object({
  unit: z.string().optional(),
  labels: z.object({ positive: z.string(), negative: z.string() }).optional(),
  mediaType: z.string().optional(),
})

const featuresSchema = featureSchema.pick({
  ...{ name: true, type: true, required: true },
  ...{ unit: true, units: true, min: true, max: true, choices: true },
})

/** The part of a card that its callers rely on: kept of a version whose folder may be gone later. */
export const contractSchema = z.object({
  task: z.enum(['regression', 'classification', 'image']),
  output: outputSchema,
  features: z.array(z.object(featuresSchema.shape)),
  variants: z.array(z.object(variantSchema.pick({ name: true, requires: true }).shape)),
  /** null = until the account is deleted; absent = of a card that was kept before this was. */
  inputsKeptDays: z.int().positive().nullish(),
})
export type Contract = z.infer<typeof contractSchema>
