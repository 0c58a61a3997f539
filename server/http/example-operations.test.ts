import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { buildSchema } from '@presage/schema/schema'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Engine } from '../execution/engine.js'
import { exampleOperations } from './example-operations.js'

const catalogue = await loadCatalogue()
const log = pino({ level: 'silent' })
const engine = new Engine({ schema: buildSchema(catalogue), catalogue, log })

describe('the examples of GraphiQL', () => {
  it.each(exampleOperations(catalogue).map(({ query }) => query))('can be run: %s', (query) => {
    expect(engine.prepare(query).errors).toEqual([])
  })
})
