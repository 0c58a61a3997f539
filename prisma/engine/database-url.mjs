/** PostgreSQL's own database, there on every server: where databases are created and dropped. */
const MAINTENANCE_DATABASE = 'postgres'

/** @param {string} url */
export const databaseName = (url) => decodeURIComponent(new URL(url).pathname.slice(1))

/** The schema that Prisma's `?schema=` names. @param {string} url */
export const schemaName = (url) => new URL(url).searchParams.get('schema') ?? undefined

/** @param {string} url @param {string} database */
export function withDatabase(url, database) {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

/** @param {string} url */
export const maintenanceUrl = (url) => withDatabase(url, MAINTENANCE_DATABASE)

/** @param {string} name */
export const quoted = (name) => `"${name.replaceAll('"', '""')}"`
