import { z } from 'zod'
import type { FeatureValue } from '../card/feature-schema.js'
import { transform, transformSchema } from './transform.js'

const columnSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('number'),
    feature: z.string(),
    optional: z.boolean(),
    transform: transformSchema,
    mean: z.number(),
    scale: z.number().positive(),
    /** Largest distance from the mean, in scales: beyond it the network saw too few people. */
    clip: z.number().positive(),
  }),
  z.strictObject({
    kind: z.literal('choice'),
    feature: z.string(),
    optional: z.boolean().default(false),
    /** The column's number for each choice; a choice of many has a column for each but one. */
    levels: z.record(z.string(), z.number()),
  }),
])
export type Column = z.infer<typeof columnSchema>

/**
 * How features, and what the card derives from them, become a network's input vector: one entry for
 * each column, 0 when not measured, then for each optional feature an indicator that is 1 when it
 * was not measured. A feature may have several columns, and has one indicator.
 */
export const encodingSchema = z.array(columnSchema).min(1)
export type Encoding = z.infer<typeof encodingSchema>

/** A row that does not fit the encoding: a required feature is missing or of another type. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'
}

/** Whether the column is the one that its feature's indicator stands for. */
const hasIndicator = ({ feature, optional }: Column, index: number, encoding: Encoding) =>
  optional && encoding.findIndex((column) => column.feature === feature) === index

/** The length of an encoded row. */
export const encodedWidth = (encoding: Encoding) =>
  encoding.length + encoding.filter(hasIndicator).length

function encodeColumn(column: Column, value: FeatureValue | undefined): number | undefined {
  if (value === undefined && column.optional) return undefined
  if (column.kind === 'choice') {
    const level = typeof value === 'string' ? column.levels[value] : undefined
    if (level !== undefined) return level
  } else if (typeof value === 'number' && Number.isFinite(value)) {
    const z = (transform(column.transform, value) - column.mean) / column.scale
    return Math.max(-column.clip, Math.min(column.clip, z))
  }
  throw new EncodingError(`${column.feature} is missing or not a ${column.kind}`)
}

/**
 * Writes one encoded row into `out` at `offset`.
 * @throws EncodingError when a required feature is missing or of another type.
 */
export function encodeRow(
  encoding: Encoding,
  values: Record<string, FeatureValue>,
  out: Float32Array | Float64Array,
  offset = 0,
): void {
  let indicator = offset + encoding.length
  encoding.forEach((column, index) => {
    const encoded = encodeColumn(column, values[column.feature])
    out[offset + index] = encoded ?? 0
    if (hasIndicator(column, index, encoding)) out[indicator++] = encoded === undefined ? 1 : 0
  })
}
