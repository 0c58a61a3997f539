import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { copyFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand } from './run-command.mjs'

const STEP_WITHIN_MS = 120_000
const PROGRAM = 'usr/sbin/nats-server'

/** Debian 12 has 2.9, which is too old; the package of 13 needs nothing newer than 12 has. */
const FIRST_DEBIAN = 13

/**
 * Takes nats-server out of the distribution's own package, without root and without installing it:
 * apt works on a state of its own, with the mirrors of this machine.
 * @param {string} target
 * @param {(line: string) => void} log
 */
export async function fetchDebianPackage(target, log) {
  const source = packageSource()
  const state = `${target}.apt.${process.pid}`
  await mkdir(join(state, 'lists', 'partial'), { recursive: true })
  await mkdir(join(state, 'cache', 'archives', 'partial'), { recursive: true })
  try {
    await writeFile(join(state, 'sources.list'), source.line)
    log(`Fetching nats-server from the package of ${source.suite}, about 6 MB`)
    const apt = (args, cwd) =>
      runCommand('apt-get', [...options(state), ...args], { cwd, timeoutMs: STEP_WITHIN_MS })
    await apt(['update'])
    await apt(['download', 'nats-server'], state)
    const file = (await readdir(state)).find((name) => name.endsWith('.deb'))
    await runCommand('dpkg', ['-x', join(state, file ?? ''), join(state, 'root')])
    await mkdir(dirname(target), { recursive: true })
    await copyFile(join(state, 'root', PROGRAM), `${target}.${process.pid}`)
    await rename(`${target}.${process.pid}`, target)
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

function packageSource() {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/apt-get'))
    throw new Error('this system has no apt')
  const release = readFileSync('/etc/os-release', 'utf8')
  const field = (name) => new RegExp(`^${name}="?([^"\n]*)`, 'm').exec(release)?.[1] ?? ''
  const ubuntu = field('ID') === 'ubuntu'
  const current = ubuntu || Number(field('VERSION_ID') || FIRST_DEBIAN) >= FIRST_DEBIAN
  const suite = current ? field('VERSION_CODENAME') : 'trixie'
  const keyring = `/usr/share/keyrings/${ubuntu ? 'ubuntu' : 'debian'}-archive-keyring.gpg`
  const mirror = mirrors(ubuntu ? 'ubuntu' : 'debian')[0]
  if (!mirror) throw new Error('no mirror of the distribution stands in /etc/apt')
  return {
    suite,
    line: `deb [signed-by=${keyring}] ${mirror} ${suite} ${ubuntu ? 'universe' : 'main'}\n`,
  }
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
