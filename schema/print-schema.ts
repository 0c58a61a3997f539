import { writeFile } from 'node:fs/promises'
import { lexicographicSortSchema, printSchema } from 'graphql'
import { buildSchema } from './schema.js'
import { shippedCatalogue } from './shipped-catalogue.js'

/** Where the printed schema is committed; CI fails when it differs from the code. */
export const SCHEMA_FILE = new URL('./schema.graphql', import.meta.url)

/** The schema of the shipped models as SDL, in a stable order. */
export const printShippedSchema = async (): Promise<string> =>
  `${printSchema(lexicographicSortSchema(buildSchema(await shippedCatalogue())))}\n`

if (process.argv[1] === import.meta.filename)
  await writeFile(SCHEMA_FILE, await printShippedSchema())
