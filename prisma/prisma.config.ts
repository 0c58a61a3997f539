import { fileURLToPath } from 'node:url'
import { defineConfig } from 'prisma/config'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// The CLI asks for its engine after it has read this file; without one it would download it.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= here('./engine/schema-engine.mjs')
process.env.CHECKPOINT_DISABLE ??= '1'

const url = process.env.DATABASE_URL
const shadowDatabaseUrl = process.env.SHADOW_DATABASE_URL

export default defineConfig({
  schema: here('./schema'),
  migrations: { path: here('./migrations') },
  ...(url === undefined
    ? {}
    : { datasource: shadowDatabaseUrl === undefined ? { url } : { url, shadowDatabaseUrl } }),
})
