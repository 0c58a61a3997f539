import { z } from 'zod'
import { camelCase, fileName, kebabCase, lowerCase, sha256, text } from './text.js'

export const metricSchema = z
  .strictObject({
    name: text,
    value: z.number(),
    rows: z.int().positive(),
    /** The ends of its 95 % interval. */
    low: z.number().optional(),
    high: z.number().optional(),
  })
  .refine(({ low, high }) => (low === undefined) === (high === undefined), {
    message: 'an interval has both ends, low and high',
  })
export type Metric = z.infer<typeof metricSchema>

/** A named combination of inputs, by the features' groups, with the error measured for it. */
const inputSetSchema = z.strictObject({
  name: camelCase,
  title: text,
  groups: z.array(text).min(1),
  metrics: z.array(metricSchema).min(1),
})

/** What was measured on one group of people, whether or not the model knows of the group. */
export const subgroupSchema = z.strictObject({
  by: text,
  group: text,
  metrics: z.array(metricSchema).min(1),
})
export type Subgroup = z.infer<typeof subgroupSchema>

const intervalSchema = z.strictObject({
  level: z.number().gt(0).lt(1),
  /** The sentence for people, with the ends in the places of {low} and {high}. */
  meaning: text.regex(/\{low\}.*\{high\}/s, 'must name {low} and then {high}'),
  /** Decimals of the ends in the sentence. */
  decimals: z.int().min(0).max(6).default(0),
})

export const variantSchema = z.strictObject({
  name: lowerCase,
  title: text,
  summary: text,
  price: z.int().nonnegative(),
  runtime: kebabCase,
  artifact: fileName,
  sha256,
  /** Further files the artifact needs, each with its hash. */
  files: z.array(z.strictObject({ path: fileName, sha256 })).default([]),
  /** Features that this variant needs although the card calls them optional. */
  requires: z.array(camelCase).default([]),
  /** Measures this variant can report, by name. */
  measures: z.array(camelCase).default([]),
  /** Absent when the variant cannot say why, as of an image. */
  explanation: z.strictObject({ method: kebabCase, unit: text, baseline: text }).optional(),
  /** How to read `low` to `high`; absent when the variant states no interval. */
  interval: intervalSchema.optional(),
  metrics: z.array(metricSchema).default([]),
  inputSets: z.array(inputSetSchema).default([]),
  subgroups: z.array(subgroupSchema).default([]),
})
