import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryRoot } from '@presage/deploy/repository'

/** Debian's programs come by apt, which works without root but is not everywhere. */
export const hasDebianPrograms = existsSync('/usr/bin/apt-get')

/** Where a program of the distribution is, fetched at its first use. */
export function debianProgram(name: 'docker-compose' | 'nginx' | 'prometheus'): string {
  const script = join(repositoryRoot, 'deploy', 'bootstrap', 'debian-program.mjs')
  return execFileSync(process.execPath, [script, name], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 240_000,
  })
}
