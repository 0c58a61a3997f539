import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One migration as it stands in the repository. */
export interface Migration {
  readonly name: string
  readonly script: string
  /** SHA-256 of the script in hex, as Prisma's own table keeps it. */
  readonly checksum: string
}

function packageAbove(folder: string): string {
  return existsSync(join(folder, 'engine')) ? folder : packageAbove(dirname(folder))
}

/** The folder of this package, the same for a source file and its compiled form. */
export const packageFolder = packageAbove(dirname(fileURLToPath(import.meta.url)))

export const migrationsFolder = join(packageFolder, 'migrations')

/** All migrations, in the order in which they are applied. */
export function readMigrations(folder = migrationsFolder): Migration[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const script = readFileSync(join(folder, name, 'migration.sql'), 'utf8')
      return { name, script, checksum: createHash('sha256').update(script).digest('hex') }
    })
}
