import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { buildSchema, type DocumentNode, parse, print, validate } from 'graphql'
import { afterAll, expect, it, vi } from 'vitest'
import './create-presage.js'

const documents = vi.hoisted((): DocumentNode[] => [])

vi.mock('./graphql.js', async (importOriginal) => {
  const { graphql } = await importOriginal<{ graphql: (...args: unknown[]) => DocumentNode }>()
  const collecting = (...args: unknown[]) => {
    const document = graphql(...args)
    documents.push(document)
    return document
  }
  return { graphql: collecting }
})

const root = join(import.meta.dirname, '../..')
const folder = mkdtemp(join(tmpdir(), 'presage-schema-'))
afterAll(async () => rm(await folder, { recursive: true }))

it('sends only what the schema has', async () => {
  const schema = buildSchema(await readFile(join(root, 'schema/schema.graphql'), 'utf8'))
  const operations = documents.filter(({ definitions }) =>
    definitions.some(({ kind }) => kind === 'OperationDefinition'),
  )
  expect(operations.length).toBeGreaterThan(15)
  for (const operation of operations)
    expect(validate(schema, parse(print(operation))).map(String)).toEqual([])
})

it('is typed by the schema as it is printed; after a change run `pnpm generate`', async () => {
  const tada = createRequire(import.meta.url).resolve('gql.tada/package.json')
  const { bin } = JSON.parse(await readFile(tada, 'utf8'))
  const script = join(dirname(tada), typeof bin === 'string' ? bin : bin['gql.tada'])
  const output = join(await folder, 'schema.d.ts')
  const args = [script, 'generate-output', '--output', output]
  await promisify(execFile)(process.execPath, args, { cwd: root })
  const [generated, committed] = await Promise.all([
    readFile(output, 'utf8'),
    readFile(join(import.meta.dirname, 'schema.d.ts'), 'utf8'),
  ])
  expect(committed === generated, 'client/sdk/schema.d.ts is the generated one').toBe(true)
})
