import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { cacheFolder } from './repository.mjs'

/**
 * npm, pnpm and others keep caches in the home folder; accounts of services have none. They get
 * one under the repository.
 */
export function ensureHome() {
  if (isWritable(homedir())) return
  const home = join(cacheFolder, 'home')
  mkdirSync(home, { recursive: true })
  Object.assign(process.env, { HOME: home, npm_config_cache: join(home, '.npm') })
}

function isWritable(folder) {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
