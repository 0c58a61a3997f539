import { readFile } from 'node:fs/promises'
import { parse, validate } from 'graphql'
import { expect, it } from 'vitest'
import { buildSchema } from '../schema.js'
import { shippedCatalogue } from '../shipped-catalogue.js'

const page = await readFile(new URL('../../docs/desk.md', import.meta.url), 'utf8')
const operations = [...page.matchAll(/^```graphql\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)

it('docs/desk.md has operations', () => expect(operations.length).toBeGreaterThan(5))

it.each(operations)('can be sent as docs/desk.md has it: %s', async (operation) => {
  expect(validate(buildSchema(await shippedCatalogue()), parse(operation))).toEqual([])
})
