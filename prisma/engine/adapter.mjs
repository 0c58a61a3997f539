import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { onConnection } from './admin-command.mjs'
import { maintenanceUrl, quoted, schemaName, withDatabase } from './database-url.mjs'

const OID_CHAR = 18
const OID_TEXT = 25

/**
 * Runs the query where the type "char", which catalogue queries return and the adapter does not
 * know, passes as text, and then gives those columns their type.
 */
async function queryWithChars(adapter, query) {
  const chars = []
  const view = Object.create(adapter)
  view.performIO = async (statement) => {
    const result = await adapter.performIO(statement)
    for (const [index, field] of result.fields.entries()) {
      if (field.dataTypeID !== OID_CHAR) continue
      field.dataTypeID = OID_TEXT
      chars.push(index)
    }
    return result
  }
  const result = await Object.getPrototypeOf(adapter).queryRaw.call(view, query)
  for (const index of chars) result.columnTypes[index] = ColumnTypeEnum.Character
  return result
}

/**
 * Bridges two gaps between the client's adapter and what the schema engine asks of it: the type
 * "char", and scripts with `$$` bodies, which the adapter would split at their semicolons.
 */
function forSchemaEngine(adapter) {
  adapter.queryRaw = (query) => queryWithChars(adapter, query)
  adapter.executeScript = async (script) => {
    await adapter
      .underlyingDriver()
      .query(script)
      .catch((error) => adapter.onError(error))
  }
  return adapter
}

const openAdapter = async (url) =>
  forSchemaEngine(
    await new PrismaPg({ connectionString: url, max: 1 }, { schema: schemaName(url) }).connect(),
  )

/** Runs `cleanUp` once the adapter's connection is closed, however often it is disposed. */
function afterDispose(adapter, cleanUp) {
  const dispose = adapter.dispose.bind(adapter)
  let disposed
  adapter.dispose = () => {
    disposed ??= dispose().then(cleanUp)
    return disposed
  }
  return adapter
}

async function openTemporaryDatabase(url) {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`
  await onConnection(maintenanceUrl(url), `CREATE DATABASE ${quoted(name)}`)
  return afterDispose(await openAdapter(withDatabase(url, name)), () =>
    onConnection(maintenanceUrl(url), `DROP DATABASE IF EXISTS ${quoted(name)} WITH (FORCE)`),
  )
}

/** The given shadow database serves every diff, so it is emptied before each. */
async function openEmptied(shadowUrl) {
  const schema = quoted(schemaName(shadowUrl) ?? 'public')
  await onConnection(shadowUrl, `DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`)
  return openAdapter(shadowUrl)
}

/**
 * Opens the engine's connections and remembers them, so that one request's connections, with the
 * advisory lock that one of them may hold, are gone before the next.
 */
export class EngineConnections {
  provider = 'postgres'
  adapterName = '@prisma/adapter-pg'
  #open = []

  /**
   * @param {string | undefined} url absent when the request needs no database
   * @param {string | undefined} shadowUrl
   */
  constructor(url, shadowUrl) {
    this.url = url
    this.shadowUrl = shadowUrl
  }

  async connect() {
    return this.#remember(openAdapter(this.#requiredUrl()))
  }

  async connectToShadowDb() {
    return this.#remember(
      this.shadowUrl ? openEmptied(this.shadowUrl) : openTemporaryDatabase(this.#requiredUrl()),
    )
  }

  async close() {
    await Promise.allSettled(this.#open.map((adapter) => adapter.dispose()))
  }

  #requiredUrl() {
    if (!this.url) throw new Error('This command needs a database: set DATABASE_URL.')
    return this.url
  }

  async #remember(opening) {
    const adapter = afterDispose(await opening, () => {})
    this.#open.push(adapter)
    return adapter
  }
}
