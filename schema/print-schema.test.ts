import { readFile } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { printShippedSchema, SCHEMA_FILE } from './print-schema.js'

it('prints what is committed; after a change run `pnpm generate`', async () => {
  expect(await readFile(SCHEMA_FILE, 'utf8')).toBe(await printShippedSchema())
})
