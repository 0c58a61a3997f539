import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress } from 'node:zlib'
import { repositoryRoot } from '@presage/deploy/repository'
import { type Browser, chromium } from 'playwright-core'

const require = createRequire(import.meta.url)

const inflate = promisify(brotliDecompress)

/** Keeps a browser to what a test asks of it: nothing fetched, updated or reported on the side. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Why there is no browser here, where there is none: the package holds one program only. */
export const noChromium =
  process.platform === 'linux' && process.arch === 'x64'
    ? undefined
    : `there is no Chromium for ${process.platform} ${process.arch} in @sparticuz/chromium`

/** Starts a headless Chromium with a profile of its own, as root and as anybody else. */
export async function startChromium(): Promise<Browser> {
  const folder = await unpacked()
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // Root may not use the sandbox; all that is opened is our own page.
    chromiumSandbox: false,
    args: QUIET,
    // NSS, expat and a font, which a small system has not.
    env: { ...process.env, LD_LIBRARY_PATH: join(folder, 'lib'), FONTCONFIG_PATH: folder },
  })
}

/** The package's browser, unpacked once for each version: 220 MB in 3 s. */
async function unpacked(): Promise<string> {
  const root = join(require.resolve('@sparticuz/chromium'), '../../..')
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const cache = join(repositoryRoot, '.cache')
  const target = join(cache, `chromium-${version}`)
  if (existsSync(target)) return target
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(`${target}.`)
  try {
    await unpack(join(root, 'bin'), folder)
    await writeFile(join(folder, 'fonts.conf'), fontsOf(target))
    await rename(folder, target)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return target
}

async function unpack(packed: string, folder: string): Promise<void> {
  const program = await inflate(await readFile(join(packed, 'chromium.br')))
  await writeFile(join(folder, 'chromium'), program, { mode: 0o755 })
  for (const name of ['al2023', 'fonts', 'swiftshader']) {
    const archive = join(folder, `${name}.tar`)
    await writeFile(archive, await inflate(await readFile(join(packed, `${name}.tar.br`))))
    execFileSync('tar', ['-xf', archive, '-C', folder, '--no-same-owner'])
    await rm(archive)
  }
}

/** The package's own file looks for the font in places of its cloud. */
const fontsOf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${folder}/fonts</dir>
  <cachedir>${folder}/fonts-cache</cachedir>
</fontconfig>
`
