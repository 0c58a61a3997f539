import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/**
 * What the Prisma CLI asks for on the command line.
 * @typedef {object} EngineOptions
 * @property {boolean} version
 * @property {string | undefined} adminCommand `cli <command>` instead of JSON-RPC
 * @property {[path: string, content: string][]} datamodels
 * @property {string | undefined} databaseUrl
 * @property {string | undefined} shadowDatabaseUrl
 */

/**
 * @param {string[]} argv
 * @returns {EngineOptions}
 */
export function parseArguments(argv) {
  const { positionals, values } = parseArgs({
    args: argv,
    allowPositionals: true,
    strict: false,
    options: {
      datamodels: { type: 'string', multiple: true, short: 'd' },
      datasource: { type: 'string' },
      'enabled-preview-features': { type: 'string' },
      'extension-types': { type: 'string' },
      version: { type: 'boolean' },
    },
  })
  const datasource = typeof values.datasource === 'string' ? JSON.parse(values.datasource) : {}
  return {
    version: values.version === true,
    adminCommand: positionals[0] === 'cli' ? (positionals[1] ?? '') : undefined,
    datamodels: (values.datamodels ?? []).map((file) => [file, readFileSync(file, 'utf8')]),
    // From the environment where nobody may read the password off the process list.
    databaseUrl: datasource.url ?? process.env.DATABASE_URL,
    shadowDatabaseUrl: datasource.shadowDatabaseUrl,
  }
}
