import { calibrationSchema } from '@presage/models/calibration/calibration'
import { transform, transformSchema } from '@presage/models/encoding/transform'
import { z } from 'zod'
import { parseArtifact } from '../artifact.js'
import {
  type Attribution,
  type Computed,
  type OpenRuntime,
  RowError,
  type Values,
} from '../runtime.js'

const termSchema = z.strictObject({
  feature: z.string(),
  /** The choice for which the term counts 1, and 0 for any other; absent of a number. */
  is: z.string().optional(),
  /** Beyond these, in the feature's first unit, nothing was learnt: the term stays where it is. */
  min: z.number().optional(),
  max: z.number().optional(),
  /** Brings the feature's first unit to the unit of the coefficient, before the transform. */
  scale: z.number().default(1),
  transform: transformSchema.default('identity'),
  /** Applied last: 2 is the square of what was transformed. */
  power: z.int().positive().default(1),
  coefficient: z.number(),
  /** The feature's value, in its first unit, at the baseline of an explanation. */
  reference: z.number(),
})
type Term = z.infer<typeof termSchema>

/**
 * score = intercept + Σ coefficient · transform(scale · feature)^power; value = offset + slope · score.
 * A `cloglog` measure is 1 − exp(−exp(score + offset)), the link of a Gompertz survival model.
 */
export const linearArtifactSchema = z.strictObject({
  intercept: z.number(),
  terms: z.array(termSchema).min(1),
  output: z.strictObject({ offset: z.number(), slope: z.number() }),
  measures: z
    .array(
      z.strictObject({ name: z.string(), link: z.enum(['cloglog', 'logit']), offset: z.number() }),
    )
    .default([]),
  calibration: calibrationSchema.optional(),
})
export type LinearArtifact = z.infer<typeof linearArtifactSchema>

const LINKS = {
  cloglog: (eta: number) => -Math.expm1(-Math.exp(eta)),
  logit: (eta: number) => 1 / (1 + Math.exp(-eta)),
}

const contributes = (term: Term, value: number) =>
  term.coefficient * transform(term.transform, term.scale * within(term, value)) ** term.power

const within = ({ min = -Infinity, max = Infinity }: Term, value: number) =>
  Math.min(max, Math.max(min, value))

function read(term: Term, values: Values): number {
  const value = values[term.feature]
  if (term.is !== undefined && typeof value === 'string') return Number(value === term.is)
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new RowError(`${term.feature} is missing or not a number`)
}

/** Explains one row by the formula's own terms, each against its reference. */
export function attributeLinear(artifact: LinearArtifact, values: Values): Attribution {
  const { terms, intercept, output } = artifact
  const atReference = terms.map((term) => contributes(term, term.reference))
  return {
    baseline: output.offset + output.slope * atReference.reduce((a, b) => a + b, intercept),
    contributions: terms.map((term, index) => {
      const value = read(term, values)
      const change = contributes(term, value) - Number(atReference[index])
      return { feature: term.feature, value, contribution: output.slope * change }
    }),
  }
}

/**
 * Computes one row of a linear artifact; exact in double precision.
 * @throws RowError when a feature of the formula is missing.
 */
export function computeLinear(artifact: LinearArtifact, values: Values): Computed {
  const score = artifact.terms.reduce(
    (sum, term) => sum + contributes(term, read(term, values)),
    artifact.intercept,
  )
  const measures = Object.fromEntries(
    artifact.measures.map(({ name, link, offset }) => [name, LINKS[link](score + offset)]),
  )
  return { value: artifact.output.offset + artifact.output.slope * score, measures }
}

/** Opens a published formula or a linear model, which is data only. */
export const openLinear: OpenRuntime = async (files) => {
  const artifact = parseArtifact(linearArtifactSchema, files, files.main)
  const computeRow = (values: Values) => {
    try {
      return computeLinear(artifact, values)
    } catch (error) {
      if (error instanceof RowError) return error
      throw error
    }
  }
  return {
    calibration: artifact.calibration,
    predictBatch: async (rows) => rows.map(computeRow),
    explainBatch: async (rows) => rows.map(({ values }) => attributeLinear(artifact, values)),
    close: () => undefined,
  }
}
