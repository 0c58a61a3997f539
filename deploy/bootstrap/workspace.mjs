import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from './repository.mjs'

/** Packages that run from their sources only. */
const NEVER_BUILT = ['tests', 'bench']

/** The packages' folders in the repository, read off the list in pnpm-workspace.yaml. */
export function workspacePackages() {
  const text = readFileSync(join(repositoryRoot, 'pnpm-workspace.yaml'), 'utf8')
  const list = /^packages:\n((?: +- .+\n)+)/m.exec(text)?.[1] ?? ''
  return [...list.matchAll(/- (\S+)/g)].map(([, name]) => name)
}

export const builtPackages = () => workspacePackages().filter((name) => !NEVER_BUILT.includes(name))
