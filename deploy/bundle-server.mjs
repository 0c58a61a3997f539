import { readFile } from 'node:fs/promises'
import { basename, join, relative } from 'node:path'
import { filesUnder, fingerprint, unlessDone } from './bootstrap/fingerprint.mjs'
import { cacheFolder, repositoryRoot } from './bootstrap/repository.mjs'
import { removeOldChunks } from './old-chunks.mjs'

/** Packages with code of the machine: they are loaded from where the package that needs them has them. */
const NATIVE = ['sharp', '@node-rs/argon2']

/** What is CommonJS of the bundle asks for Node's own modules by `require`. */
const PRELUDE = `import { createRequire as presageRequireFrom } from 'node:module'
const require = presageRequireFrom(import.meta.url)
const presageNative = (owner, name) => presageRequireFrom(import.meta.resolve(owner))(name)`

/** A module of ours as others import it, in quotes. */
const quoted = (path) =>
  JSON.stringify(`@presage/${relative(repositoryRoot, path).replace(/\.ts$/, '')}`)

const isOurs = (path) => path.startsWith(repositoryRoot) && !path.includes('node_modules')

/** Modules of ours find the files that lie beside them where they are when nothing is bundled. */
const ownPlaces = {
  name: 'own places',
  setup(bundler) {
    bundler.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!isOurs(path)) return undefined
      const text = await readFile(path, 'utf8')
      if (!text.includes('import.meta')) return undefined
      const contents = text.replaceAll('import.meta.url', `import.meta.resolve(${quoted(path)})`)
      if (!/import\.meta\.(?!resolve\()/.test(contents)) return { contents, loader: 'ts' }
      return { errors: [{ text: `${path} needs import.meta for more than its url` }] }
    })
  },
}

const nativePackages = {
  name: 'native packages',
  setup(bundler) {
    const filter = new RegExp(`^(${NATIVE.join('|')})$`)
    bundler.onResolve({ filter }, ({ path, importer }) => ({
      ...{ path, namespace: 'native', pluginData: importer },
    }))
    bundler.onLoad({ filter: /.*/, namespace: 'native' }, ({ path, pluginData: importer }) => ({
      contents: `module.exports = presageNative(${quoted(importer)}, '${path}')`,
    }))
  },
}

/** A source map that knows a file's first line alone; esbuild passes over one that knows none. */
const firstLine = (path) =>
  `data:application/json;base64,${btoa(JSON.stringify({ version: 3, sources: [basename(path)], mappings: 'AAAA' }))}`

/**
 * Of the packages' code the source map knows the file, or nothing where the bundle lacks its first
 * line: Node reads the whole map at the first stack of an error, which with all their lines took
 * 400 ms in which the server did nothing else.
 */
const packagesByFile = {
  name: 'packages by file',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]node_modules[\\/].*\.[cm]?js$/ }, async ({ path }) => ({
      contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=${firstLine(path)}`,
      loader: 'js',
    }))
  },
}

/**
 * Bundles the server with the packages that it needs into one file, and what it only may need into
 * chunks: 500 modules of ours and 800 of others take a start 2.4 s of CPU, the bundle 0.9.
 * @param {string[]} packages the folders of the packages that it may be made of
 * @returns {Promise<boolean>} whether there was something to do
 */
export async function bundleServer(packages) {
  const { build, version } = await import('esbuild')
  const outdir = join(repositoryRoot, 'server', 'dist')
  const sources = packages.flatMap((name) =>
    filesUnder(join(repositoryRoot, name), (path) => /\.(ts|mjs|prisma)$/.test(path)),
  )
  const lockfile = join(repositoryRoot, 'pnpm-lock.yaml')
  const script = join(repositoryRoot, 'deploy', 'bundle-server.mjs')
  const state = {
    stamp: join(cacheFolder, 'bundle-server.stamp'),
    fingerprint: fingerprint([script, lockfile, ...sources], version),
    outcome: join(outdir, 'main.js'),
  }
  return unlessDone(state, async () => {
    await removeOldChunks(outdir)
    await build({
      entryPoints: [join(repositoryRoot, 'server', 'main.ts')],
      absWorkingDir: repositoryRoot,
      outdir,
      bundle: true,
      splitting: true,
      chunkNames: 'chunks/[name]-[hash]',
      conditions: ['presage-source'],
      format: 'esm',
      platform: 'node',
      target: 'node20.19',
      sourcemap: true,
      sourcesContent: false,
      tsconfigRaw: {},
      banner: { js: PRELUDE },
      plugins: [ownPlaces, nativePackages, packagesByFile],
      logLevel: 'warning',
    })
  })
}
