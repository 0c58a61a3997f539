import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand } from './run-command.mjs'

const STEP_WITHIN_MS = 180_000

/** Debian 13 packages need nothing newer than 12 has, where they are programs without libraries. */
const FIRST_DEBIAN = 13

/**
 * Unpacks packages of the distribution into a folder, without root and without installing them:
 * apt works on a state of its own, with the mirrors of this machine.
 * @param {{ packages: string[], target: string, log: (line: string) => void, own?: boolean }} what
 *   `own`: from this machine's own release even if that is old, for programs that need its libraries
 */
export async function unpackDebianPackages({ packages, target, log, own = false }) {
  const source = packageSource(own)
  const state = `${target}.apt.${process.pid}`
  await mkdir(join(state, 'lists', 'partial'), { recursive: true })
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true })
  try {
    await writeFile(join(state, 'sources.list'), source.line)
    log(`Fetching ${packages.join(', ')} from the packages of ${source.suite}`)
    const apt = (args, cwd) =>
      runCommand('apt-get', [...options(state), ...args], { cwd, timeoutMs: STEP_WITHIN_MS })
    await apt(['update'])
    await apt(['download', ...packages], state)
    const files = (await readdir(state)).filter((name) => name.endsWith('.deb'))
    for (const file of files)
      await runCommand('dpkg', ['-x', join(state, file), join(state, 'root')])
    await mkdir(dirname(target), { recursive: true })
    await rm(target, { recursive: true, force: true })
    await rename(join(state, 'root'), target)
  } finally {
    await rm(state, { recursive: true, force: true })
  }
}

/** `apt-get download` drops to the account `_apt` as root, which a closed folder would stop. */
const options = (state) =>
  [
    `Dir::Etc::sourcelist=${state}/sources.list`,
    'Dir::Etc::sourceparts=/dev/null',
    `Dir::State::lists=${state}/lists`,
    `Dir::Cache=${state}/cache`,
    'Debug::NoLocking=1',
    'Acquire::Languages=none',
    'APT::Sandbox::User=root',
    'APT::Update::Error-Mode=any',
  ].flatMap((option) => ['-o', option])

function packageSource(own) {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    throw new Error('this system has no apt')
  const release = readFileSync('/etc/os-release', 'utf8')
  const field = (name) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? ''
  const ubuntu = field('ID') === 'ubuntu'
  const current = own || ubuntu || Number(field('VERSION_ID') || FIRST_DEBIAN) >= FIRST_DEBIAN
  const suite = current ? field('VERSION_CODENAME') : 'trixie'
  const keyring = `/usr/share/keyrings/${ubuntu ? 'ubuntu' : 'debian'}-archive-keyring.gpg`
  const mirror = mirrors(ubuntu ? 'ubuntu' : 'debian')[0]
  if (!mirror) throw new Error('no mirror of the distribution stands in /etc/apt')
  const components = ubuntu ? 'main universe' : 'main'
  return { suite, line: `deb [signed-by=${keyring}] ${mirror} ${suite} ${components}\n` }
}

/** Addresses that end in the distribution's name, from both formats of apt's sources. */
function mirrors(distribution) {
  const folder = '/etc/apt/sources.list.d'
  const files = existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []
  return ['/etc/apt/sources.list', ...files]
    .filter((file) => existsSync(file))
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .filter((line) => /^(deb |URIs:)/.test(line))
    .flatMap((line) => line.split(/\s+/))
    .filter((word) => /^https?:/.test(word) && new RegExp(`/${distribution}/?$`).test(word))
}
