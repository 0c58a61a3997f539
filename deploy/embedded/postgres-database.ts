import pg from 'pg'

/** PostgreSQL's own database, there from the start. */
const MAINTENANCE = 'postgres'

async function onMaintenance<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const target = new URL(url)
  target.pathname = `/${MAINTENANCE}`
  const client = new pg.Client({ connectionString: target.href, connectionTimeoutMillis: 5000 })
  client.on('error', () => {})
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** Whether the server takes connections, with the URL's account. */
export const answers = (url: string) => onMaintenance(url, async () => true).catch(() => false)

/** Creates the URL's database when it is missing. */
export async function ensureDatabase(url: string) {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  await onMaintenance(url, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name])
    if (rowCount === 0) await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)
  })
}
