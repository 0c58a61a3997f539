import pg from 'pg'
import { databaseName, maintenanceUrl, quoted } from './database-url.mjs'

/**
 * Runs the script on one connection of its own.
 * @param {string} url
 * @param {string} [sql]
 */
export async function onConnection(url, sql) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    if (sql) await client.query(sql)
  } finally {
    await client.end()
  }
}

/** Taken by another command at the same moment: in its catalogue, or just on its way there. */
const ALREADY_THERE = new Set(['42P04', '23505'])

/** Creates the URL's database unless it exists. @param {string} url */
export async function createDatabase(url) {
  const sql = `CREATE DATABASE ${quoted(databaseName(url))}`
  await onConnection(maintenanceUrl(url), sql).catch((error) => {
    if (!ALREADY_THERE.has(error.code)) throw error
  })
}

/** @type {Record<string, (url: string) => Promise<void>>} */
const commands = {
  'can-connect-to-database': (url) => onConnection(url),
  'create-database': createDatabase,
  'drop-database': (url) =>
    onConnection(maintenanceUrl(url), `DROP DATABASE ${quoted(databaseName(url))}`),
}

/** Prisma's error code and message for what went wrong on the way to a database. */
function describe(error, url) {
  const { hostname, port, username } = new URL(url)
  if (error.code === '3D000') return ['P1003', `Database ${databaseName(url)} does not exist.`]
  if (error.code === '28P01' || error.code === '28000')
    return ['P1000', `The database server refused the credentials of ${username}.`]
  return ['P1001', `The database server at ${hostname}:${port || 5432} fails: ${error.message}`]
}

/** The CLI reads errors from stderr as JSON lines and ignores the first line. */
function report([code, message]) {
  const line = (level, fields) =>
    `${JSON.stringify({ timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' })}\n`
  process.stderr.write(line('INFO', { message: 'Starting' }))
  process.stderr.write(line('ERROR', { message, error_code: code, is_panic: false }))
}

/**
 * `schema-engine cli <command>`: what is done on a server rather than in a schema.
 * @param {string} command
 * @param {string | undefined} url
 * @returns {Promise<number>} the exit code
 */
export async function runAdminCommand(command, url) {
  const run = commands[command]
  if (!run || !url) {
    report(['P1012', run ? 'No database URL was given.' : `Unknown command: ${command}`])
    return 1
  }
  try {
    await run(url)
    return 0
  } catch (error) {
    report(describe(error, url))
    return 1
  }
}
