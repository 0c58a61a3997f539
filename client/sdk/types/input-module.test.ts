import { buildSchema } from 'graphql'
import { expect, it } from 'vitest'
import { inputModule } from './input-module.js'

it('writes what can be reached from PredictInput, and no more', () => {
  const schema = buildSchema(`
    type Query { ok(input: PredictInput!, other: Other): Boolean }
    input Other { x: Int }
    "One key per model."
    input PredictInput @oneOf { line: LineInput, hikingTime: HikingTimeInput }
    input LineInput { features: LineFeatures!, version: String }
    input LineFeatures { "X, 0 to 1." x: Float! list: [Int!] }
    input HikingTimeInput { pace: Pace = SLOW, photo: ID! }
    enum Pace { SLOW "Not */ slow" FAST }
  `)
  expect(inputModule(schema, 'http://127.0.0.1/graphql')).toBe(
    `// Written by presage-types from http://127.0.0.1/graphql. To be written anew when its models change.

/** One key per model. */
export type PredictInput =
  | { line: LineInput; hikingTime?: never }
  | { hikingTime: HikingTimeInput; line?: never }

export interface LineInput {
  features: LineFeatures
  version?: string | null
}

export interface LineFeatures {
  /** X, 0 to 1. */
  x: number
  list?: readonly (number)[] | null
}

export interface HikingTimeInput {
  pace?: Pace | null
  photo: string
}

export type Pace = 'SLOW' | 'FAST'
`,
  )
})

it('says so when the schema is of another service', () => {
  expect(inputModule(buildSchema('type Query { ok: Int }'), '')).toBeUndefined()
})
