import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unpackDebianPackages } from './debian-packages.mjs'
import { cacheFolder } from './repository.mjs'

/** Programs that some tests run, and nothing else needs. */
const PROGRAMS = {
  'docker-compose': {
    package: 'docker-compose',
    path: 'usr/libexec/docker/cli-plugins/docker-compose',
    own: false,
  },
  nginx: { package: 'nginx', path: 'usr/sbin/nginx', own: true },
  prometheus: { package: 'prometheus', path: 'usr/bin/prometheus', own: true },
}

/** Prints where a program of the distribution is, fetched when it was not; without root. */
async function main([name]) {
  const program = PROGRAMS[name]
  if (!program) throw new Error(`one of ${Object.keys(PROGRAMS).join(', ')} is wanted`)
  const target = join(cacheFolder, `debian-${name}`)
  if (!existsSync(join(target, program.path))) {
    await mkdir(cacheFolder, { recursive: true })
    const log = (line) => process.stderr.write(`${line}\n`)
    await unpackDebianPackages({ packages: [program.package], target, log, own: program.own })
  }
  process.stdout.write(join(target, program.path))
}

await main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
})
