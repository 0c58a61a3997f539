import type { FeatureValue } from '../card/feature-schema.js'

/** Reads a row's columns as trees see them: NaN where a value is missing. */
export type ReadCells = (values: Readonly<Record<string, FeatureValue>>) => number[]

/** A feature's name and, of a choice, its choices in the order they are coded in. */
interface Coded {
  name: string
  choices?: readonly string[] | undefined
}

/**
 * A reader of the named columns, which are features or derived features: numbers as they are, a
 * flag as 0 or 1, a choice as its place among its choices.
 */
export function cellReader(columns: readonly string[], features: readonly Coded[]): ReadCells {
  const choices = columns.map((name) => features.find((each) => each.name === name)?.choices)
  return (values) =>
    columns.map((name, index) => {
      const value = values[name]
      if (typeof value === 'string') {
        const place = choices[index]?.indexOf(value) ?? -1
        return place < 0 ? Number.NaN : place
      }
      return value === undefined ? Number.NaN : Number(value)
    })
}
