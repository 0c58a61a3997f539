import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { filesUnder, fingerprint, unlessDone } from './fingerprint.mjs'
import { cacheFolder, repositoryRoot } from './repository.mjs'
import { runCommand } from './run-command.mjs'

/** Generates the code that git does not hold, unless its sources are unchanged. */
export function generateCode() {
  const prisma = join(repositoryRoot, 'prisma')
  const sources = filesUnder(join(prisma, 'schema'), (path) => path.endsWith('.prisma'))
  const lockfile = join(repositoryRoot, 'pnpm-lock.yaml')
  const state = {
    stamp: join(cacheFolder, 'generated.stamp'),
    fingerprint: fingerprint([...sources, lockfile]),
    outcome: join(prisma, 'generated', 'client', 'client.ts'),
  }
  return unlessDone(state, async () => {
    const manifest = createRequire(join(prisma, 'package.json')).resolve('prisma/package.json')
    const script = join(dirname(manifest), 'build', 'index.js')
    // Prisma looks for its generators as for any command.
    const PATH = [join(prisma, 'node_modules', '.bin'), process.env.PATH].join(delimiter)
    await runCommand(process.execPath, [script, 'generate'], { cwd: prisma, env: { PATH } })
  })
}
