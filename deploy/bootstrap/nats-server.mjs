import { execFileSync } from 'node:child_process'
import { chmod, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { fetchDebianPackage } from './nats-debian.mjs'
import { fetchRelease } from './nats-release.mjs'
import { cacheFolder } from './repository.mjs'

/** Work queues with several filters, which the job stream needs. */
const OLDEST = [2, 10]

/**
 * Finds a nats-server program, on the PATH or fetched before, or fetches one.
 * @param {(line: string) => void} log
 * @returns {Promise<string>} its path or name
 */
export async function ensureNatsServer(log) {
  const cached = join(cacheFolder, `nats-server-${process.platform}-${process.arch}`)
  const found = ['nats-server', cached].find(isUsable)
  if (found) return found
  await mkdir(cacheFolder, { recursive: true })
  const failures = []
  for (const fetchTo of [fetchRelease, fetchDebianPackage]) {
    try {
      await fetchTo(cached, log)
      await chmod(cached, 0o755)
      if (isUsable(cached)) return cached
      failures.push('the fetched program does not run')
    } catch (error) {
      failures.push(error.message)
      log(`  not that way: ${error.message.split('\n')[0]}`)
    }
  }
  throw new Error(
    `nats-server cannot be fetched (${failures.join('; ')}). ` +
      'Install it so that it is on the PATH, or set NATS_URL to a server of your own.',
  )
}

/** `nats-server: v2.11.8` */
function isUsable(program) {
  try {
    const output = execFileSync(program, ['--version'], { encoding: 'utf8', stdio: 'pipe' })
    const [major, minor] = (/v(\d+)\.(\d+)/.exec(output) ?? []).slice(1).map(Number)
    return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  } catch {
    return false
  }
}

async function printPath() {
  try {
    process.stdout.write(await ensureNatsServer((line) => process.stderr.write(`${line}\n`)))
  } catch (error) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}

// As a program it prints the path, for those who cannot import this file.
if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await printPath()
