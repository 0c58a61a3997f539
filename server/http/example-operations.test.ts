import { buildSchema } from '@presage/schema/schema'
import { shippedCatalogue } from '@presage/schema/shipped-catalogue'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Engine } from '../execution/engine.js'
import { exampleOperations } from './example-operations.js'

const catalogue = await shippedCatalogue()
const log = pino({ level: 'silent' })
const engine = new Engine({ schema: buildSchema(catalogue), catalogue, log })

describe('the examples of GraphiQL', () => {
  it.each(exampleOperations(catalogue).map(({ query }) => query))('can be run: %s', (query) => {
    expect(engine.prepare(query).errors).toEqual([])
  })
})
