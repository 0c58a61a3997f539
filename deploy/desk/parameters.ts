import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { repositoryRoot } from '../repository.js'

/** Of a quantity its 1st, 5th, 10th … 95th and 99th percentile. */
export const PERCENTILES = [0.01, ...Array.from({ length: 19 }, (_, i) => (i + 1) / 20), 0.99]

const quantiles = z.array(z.number()).length(PERCENTILES.length)
const shares = z.array(z.number().min(0).max(1))

/** The same quantity of months paid on time, and of late ones. */
const byLateness = z.strictObject({ onTime: quantiles, late: quantiles })

/** How accounts of a real bank behave, by a few dozen numbers and without a row. */
export const parametersSchema = z.strictObject({
  data: z.strictObject({
    source: z.string(),
    licence: z.string(),
    citation: z.string(),
    sha256: z.string().length(64),
    rows: z.int().positive(),
  }),
  /** NT$ */
  creditLimit: quantiles,
  /** Months late, 0 to 8: of the first month, and after each number in the month after. */
  late: z.strictObject({ first: shares.length(9), next: z.array(shares.length(9)).length(9) }),
  /** The first statement, as a share of the limit. */
  use: byLateness,
  /** Of a statement against the one before, as a share of the limit. */
  change: byLateness,
  /** What is paid of the statement before. */
  paid: byLateness,
  female: z.number(),
  age: quantiles,
  education: z.record(
    z.enum(['GRADUATE_SCHOOL', 'UNIVERSITY', 'HIGH_SCHOOL', 'OTHER']),
    z.number(),
  ),
  maritalStatus: z.record(z.enum(['SINGLE', 'MARRIED', 'OTHER']), z.number()),
})
export type Parameters = z.infer<typeof parametersSchema>

export const PARAMETERS_FILE = join(repositoryRoot, 'deploy', 'desk', 'parameters.json')

export const readParameters = (): Parameters =>
  parametersSchema.parse(JSON.parse(readFileSync(PARAMETERS_FILE, 'utf8')))
