import pg from 'pg'
import { pendingMigrations } from './migrate/applied-migrations.js'
import { type Migration, migrationsFolder, readMigrations } from './migrate/migration-folder.js'
import { runEngine } from './migrate/run-engine.js'

/** Held while migrations run; any number that nothing else of ours locks. */
const ADVISORY_LOCK = 7_240_116

/**
 * Applies the migrations that the database lacks and returns their names. Servers that start at
 * once wait for each other, and one of them applies. With nothing to do it costs one query.
 * @throws {MigrationEditedError} when an applied migration was changed since
 * @throws {SchemaEngineError} when a script fails, now or earlier
 */
export async function deployMigrations(
  databaseUrl: string,
  migrations: readonly Migration[] = readMigrations(),
): Promise<string[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  // A connection that dies fails the query in flight, which tells the caller.
  client.on('error', () => {})
  await client.connect()
  try {
    if ((await pendingMigrations(client, migrations)).length === 0) return []
    await client.query('SELECT pg_advisory_lock($1)', [ADVISORY_LOCK])
    if ((await pendingMigrations(client, migrations)).length === 0) return []
    return await applyMigrations(databaseUrl, migrations)
  } finally {
    // Ends the session and with it the lock.
    await client.end()
  }
}

let shipped: readonly Migration[] | undefined

/**
 * Whether the database has every migration of this build; one that is ahead of it has. One query.
 * @throws {MigrationEditedError}
 */
export async function isMigrated(pool: pg.Pool): Promise<boolean> {
  shipped ??= readMigrations()
  return (await pendingMigrations(pool, shipped)).length === 0
}

async function applyMigrations(databaseUrl: string, migrations: readonly Migration[]) {
  const migrationsList = {
    baseDir: migrationsFolder,
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: migrations.map(({ name, script }) => ({
      path: name,
      migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: script } },
    })),
  }
  const { appliedMigrationNames } = await runEngine<{ appliedMigrationNames: string[] }>(
    databaseUrl,
    'applyMigrations',
    { migrationsList, filters: { externalTables: [], externalEnums: [] } },
  )
  return appliedMigrationNames
}
