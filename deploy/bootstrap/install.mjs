import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fingerprint, unlessDone } from './fingerprint.mjs'
import { repositoryRoot } from './repository.mjs'
import { runCommand } from './run-command.mjs'
import { workspacePackages } from './workspace.mjs'

/** The package manager in the one version that wrote the lockfile. */
const PNPM = 'pnpm@12.21.0'

const inRepository = (path) => join(repositoryRoot, path)

/**
 * Installs what the lockfile says, unless that is there.
 * @param {(line: string) => void} progress
 */
export function installPackages(progress) {
  const manifests = workspacePackages().map((name) => `${name}/package.json`)
  const files = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]
    .map(inRepository)
    .filter((file) => existsSync(file))
  // Native packages differ by all of these.
  const { platform, arch, versions } = process
  const state = {
    stamp: inRepository('node_modules/.presage-installed'),
    fingerprint: fingerprint(files, platform, arch, versions.modules),
    outcome: inRepository('node_modules/.modules.yaml'),
  }
  return unlessDone(state, async () => {
    const args = ['-y', PNPM, 'install', '--frozen-lockfile', '--reporter=append-only']
    await runCommand('npx', args, { cwd: repositoryRoot, onLine: progress })
  })
}
