import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { PresageError } from '../errors/presage-error.js'
import { inputModule } from './input-module.js'
import { readSchema, SchemaUnreadableError } from './read-schema.js'

const USAGE = `presage-types --url https://example.com/graphql --out presage-input.ts

Writes the type PredictInput of a running server, for createPresage<PredictInput>(…).
  --url  the server's GraphQL endpoint
  --out  the file to write; standard output without it
PRESAGE_TOKEN is an access token or API key, where the schema is not shown to everybody.
`

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, out: { type: 'string' } },
  })
  if (!values.url || !URL.canParse(values.url)) throw new PresageError('USAGE', USAGE)
  const schema = await readSchema(values.url, process.env.PRESAGE_TOKEN)
  const text = inputModule(schema, values.url)
  if (!text) throw new SchemaUnreadableError(values.url, 'it has no PredictInput.')
  if (values.out) await writeFile(values.out, text)
  else process.stdout.write(text)
}

await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
})
