import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { runCommand } from './run-command.mjs'

export const NATS_VERSION = '2.11.8'

/** SHA-256 of the release's archives, as the release's own list states them. */
const CHECKSUMS = {
  'linux-amd64': '397a6deffb5533e160de0cca322bc3dcaec7fb7282d66a3dfa87a9c183152ad1',
  'linux-arm64': 'b08936cb1dc0ae7086137bda14c352df64397c4af45ed2b392705c19585aeb84',
  'darwin-amd64': '002c943c1ed39c55cc5e024debfc02685111fcb2b1cbd887aad39ac977037477',
  'darwin-arm64': '23e0c5354c2da385708946a21900c944fcb9a3bbfd02aae27a4ae750dea0b682',
}

/** Without a route the next way is tried after this long. */
const ANSWER_WITHIN_MS = 8_000
const DOWNLOAD_WITHIN_MS = 180_000

/**
 * Fetches the official release for this platform to `target`.
 * @param {string} target
 * @param {(line: string) => void} log
 */
export async function fetchRelease(target, log) {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const checksum = CHECKSUMS[platform]
  if (!checksum) throw new Error(`there is no release for ${platform}`)
  const name = `nats-server-v${NATS_VERSION}-${platform}`
  const url = `https://github.com/nats-io/nats-server/releases/download/v${NATS_VERSION}/${name}.tar.gz`
  log(`Fetching nats-server ${NATS_VERSION}, about 7 MB`)
  const archive = await download(url)
  const actual = createHash('sha256').update(archive).digest('hex')
  if (actual !== checksum) throw new Error(`${name}.tar.gz has SHA-256 ${actual}, not ${checksum}`)
  await unpack(archive, `${name}/nats-server`, target)
}

async function download(url) {
  const abort = new AbortController()
  const unanswered = setTimeout(() => abort.abort(), ANSWER_WITHIN_MS)
  const tooSlow = setTimeout(() => abort.abort(), DOWNLOAD_WITHIN_MS)
  try {
    const response = await fetch(url, { signal: abort.signal })
    clearTimeout(unanswered)
    if (!response.ok) throw new Error(`the download answers ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  } catch (error) {
    throw new Error(abort.signal.aborted ? 'the download does not answer' : describe(error))
  } finally {
    clearTimeout(unanswered)
    clearTimeout(tooSlow)
  }
}

/** fetch says "fetch failed" and hides why in the cause. */
const describe = (error) => error.cause?.code ?? error.cause?.message ?? error.message

async function unpack(archive, member, target) {
  const folder = `${target}.${process.pid}`
  await mkdir(folder, { recursive: true })
  try {
    const file = join(folder, 'archive.tar.gz')
    await writeFile(file, archive)
    await runCommand('tar', ['-xzf', file, '-C', folder, '--strip-components=1', member])
    await mkdir(dirname(target), { recursive: true })
    await rename(join(folder, 'nats-server'), target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
