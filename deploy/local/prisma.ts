import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { repositoryRoot } from '../repository.js'

const packageFolder = join(repositoryRoot, 'prisma')

/** The CLI's own script, so that no shell and no package manager stands between. */
export function prismaScript() {
  const manifest = createRequire(join(packageFolder, 'package.json')).resolve('prisma/package.json')
  return join(dirname(manifest), 'build', 'index.js')
}

/** Prisma looks for its generators as for any command. */
const pathWithGenerators = [join(packageFolder, 'node_modules', '.bin'), process.env.PATH].join(
  delimiter,
)

/** Runs Prisma's own command line on the database and returns its exit code. */
export function runPrisma(args: readonly string[], databaseUrl: string): Promise<number> {
  const child = spawn(process.execPath, [prismaScript(), ...args], {
    cwd: packageFolder,
    env: { ...process.env, PATH: pathWithGenerators, DATABASE_URL: databaseUrl },
    stdio: 'inherit',
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 1))
  })
}
