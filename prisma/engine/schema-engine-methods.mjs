import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { EngineConnections } from './adapter.mjs'
import { createDatabase } from './admin-command.mjs'
import { databaseName } from './database-url.mjs'
import { lackOf, withoutKept } from './lack.mjs'
import { loadSchemaEngine } from './wasm.mjs'

/** @typedef {(params: any) => Promise<unknown>} Method */

/** An error of ours that passed through the engine is but a number in the message of its error. */
function originOf(error, registry) {
  const number = /external error.*?(\d+)/i.exec(error?.message)?.[1]
  return (number && registry.consumeError(Number(number))?.error) ?? error
}

/**
 * The binary's JSON-RPC methods. Where a method is not named here the WASM engine's own of the
 * same name is it.
 * @param {import('./arguments.mjs').EngineOptions} options
 * @param {(content: string) => void} print shows text on the CLI's standard output
 * @returns {(name: string) => Method | undefined}
 */
export function schemaEngineMethods(options, print) {
  const SchemaEngine = loadSchemaEngine()

  /** A fresh engine for each request: one that applied migrations loses its shadow database. */
  async function withEngine(use) {
    const connections = new EngineConnections(options.databaseUrl, options.shadowDatabaseUrl)
    const adapter = bindMigrationAwareSqlAdapterFactory(connections)
    try {
      const datamodels = options.datamodels.length > 0 ? options.datamodels : undefined
      const engine = await SchemaEngine.new({ datamodels }, () => {}, adapter)
      return await use(engine)
    } catch (error) {
      throw originOf(error, adapter.errorRegistry)
    } finally {
      await connections.close()
    }
  }

  /** These fail on an engine that has not yet read the history of migrations. */
  const afterHistory = (name) => (params) =>
    withEngine(async (engine) => {
      const { migrationsList, filters } = params
      await engine.devDiagnostic({ migrationsList, filters })
      return engine[name](params)
    })

  /** Asked for both: of the history the engine does not see the partial indexes, here it does. */
  const withLack = (name, correct) => async (params) => {
    const answer = await afterHistory(name)(params)
    return correct(answer, await withEngine((engine) => lackOf(engine, params)), params)
  }

  /** @type {Record<string, Method>} */
  const special = {
    createMigration: withLack('createMigration', (created, { isEmpty, script }, { draft }) => ({
      ...created,
      migrationScript: isEmpty && !draft ? null : script,
    })),
    evaluateDataLoss: withLack('evaluateDataLoss', withoutKept),
    getDatabaseVersion: () => withEngine((engine) => engine.version()),
    async createDatabase() {
      await createDatabase(options.databaseUrl)
      return { databaseName: databaseName(options.databaseUrl) }
    },
    async diff(params) {
      const { exitCode, stdout } = await withEngine((engine) => engine.diff(params))
      if (stdout) print(stdout)
      return { exitCode }
    },
  }

  return (name) => {
    if (Object.hasOwn(special, name)) return special[name]
    if (typeof SchemaEngine.prototype[name] !== 'function') return undefined
    return (params) => withEngine((engine) => engine[name](params ?? {}))
  }
}
