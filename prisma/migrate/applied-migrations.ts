import type pg from 'pg'
import type { Migration } from './migration-folder.js'

/** A migration was changed after this database had applied it. */
export class MigrationEditedError extends Error {
  override name = 'MigrationEditedError'
  constructor(readonly migration: string) {
    super(
      `The migration ${migration} was edited after this database had applied it. ` +
        'Restore the file and put the change into a new migration, or empty the database with `pnpm db:reset`.',
    )
  }
}

const UNDEFINED_TABLE = '42P01'

/** Checksums of the migrations that the database has applied, by name. */
async function appliedChecksums(client: Pick<pg.Pool, 'query'>): Promise<Map<string, string>> {
  try {
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      `SELECT migration_name, checksum FROM _prisma_migrations
        WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
    )
    return new Map(rows.map((row) => [row.migration_name, row.checksum]))
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return new Map()
    throw error
  }
}

/**
 * The migrations that the database lacks.
 * @throws {MigrationEditedError}
 */
export async function pendingMigrations(
  client: Pick<pg.Pool, 'query'>,
  migrations: readonly Migration[],
) {
  const applied = await appliedChecksums(client)
  const edited = migrations.find(({ name, checksum }) => {
    const known = applied.get(name)
    return known !== undefined && known !== checksum
  })
  if (edited) throw new MigrationEditedError(edited.name)
  return migrations.filter(({ name }) => !applied.has(name))
}
