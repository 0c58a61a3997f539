import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { filesUnder, fingerprint, unlessDone } from './bootstrap/fingerprint.mjs'
import { cacheFolder, repositoryRoot } from './bootstrap/repository.mjs'
import { builtPackages } from './bootstrap/workspace.mjs'
import { bundleServer } from './bundle-server.mjs'

const isSource = (path) => /\.ts$/.test(path) && !/\.(test|config|d)\.ts$/.test(path)

/** Generated code is no source of ours, but runs with it. */
const generated = (folder) =>
  folder.endsWith('prisma') ? filesUnder(join(folder, 'generated'), isSource) : []

/**
 * Transpiles the package's sources, file by file, into its `dist`; types are checked elsewhere.
 * @param {string} name the package's folder in the repository
 */
async function buildPackage(name) {
  const folder = join(repositoryRoot, name)
  const sources = [...filesUnder(folder, isSource), ...generated(folder)]
  const outdir = join(folder, 'dist')
  const { build, version } = await import('esbuild')
  const state = {
    stamp: join(cacheFolder, `build-${name.replaceAll('/', '-')}.stamp`),
    fingerprint: fingerprint([fileURLToPath(import.meta.url), ...sources], version),
    outcome: sources.length > 0 ? outdir : folder,
  }
  return unlessDone(state, async () => {
    await rm(outdir, { recursive: true, force: true })
    await build({
      entryPoints: sources.map((file) => relative(repositoryRoot, file)),
      absWorkingDir: repositoryRoot,
      outbase: folder,
      outdir,
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: true,
      // The one setting of tsconfig.json that changes what code does comes with the target.
      tsconfigRaw: {},
      logLevel: 'warning',
    })
  })
}

/**
 * Builds the packages whose sources changed, and bundles the server, which nothing imports.
 * @returns {Promise<string[]>} their names
 */
export async function buildAll() {
  const names = builtPackages()
  const built = await Promise.all(
    names.map((name) => (name === 'server' ? bundleServer(names) : buildPackage(name))),
  )
  return names.filter((_, index) => built[index])
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  console.log(`Built: ${(await buildAll()).join(', ') || 'nothing had changed'}`)
