import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { repositoryRoot } from './repository.js'

/** What each package may import of the others; the arrows of ARCHITECTURE.md. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  messages: [],
  models: [],
  prisma: [],
  telemetry: [],
  domain: ['messages', 'models', 'prisma'],
  schema: ['messages', 'models', 'prisma', 'domain'],
  server: ['messages', 'models', 'prisma', 'domain', 'schema', 'telemetry'],
  worker: ['messages', 'models', 'telemetry'],
  'client/sdk': [],
  deploy: ['messages', 'models', 'prisma', 'domain', 'schema', 'server', 'worker', 'client/sdk'],
  tests: [
    ...['messages', 'models', 'prisma', 'domain', 'schema', 'server', 'worker', 'client/sdk'],
    ...['deploy', 'bench'],
  ],
  bench: [
    ...['messages', 'models', 'prisma', 'domain', 'schema', 'server', 'worker', 'client/sdk'],
    'deploy',
  ],
}

interface Import {
  readonly file: string
  readonly specifier: string
  readonly from: string
  /** The package of ours that it reaches, or undefined for anything else. */
  readonly to: string | undefined
}

const folders = Object.keys(MAY_IMPORT)

const nameOf = (folder: string): string =>
  JSON.parse(readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8')).name

const folderByName = new Map(folders.map((folder) => [nameOf(folder), folder]))

const SKIPPED = new Set(['node_modules', 'dist', 'generated'])

function sourcesUnder(path: string): string[] {
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED.has(entry.name)) return []
    const full = join(path, entry.name)
    if (entry.isDirectory()) return sourcesUnder(full)
    return /\.(ts|tsx|mts)$/.test(entry.name) ? [full] : []
  })
}

function target(file: string, specifier: string) {
  if (specifier.startsWith('.')) {
    const path = relative(repositoryRoot, resolve(file, '..', specifier))
    return folders.find((folder) => path === folder || path.startsWith(`${folder}/`))
  }
  const [scope, name] = specifier.split('/')
  return folderByName.get(`${scope}/${name}`)
}

const imports: Import[] = folders.flatMap((from) =>
  sourcesUnder(join(repositoryRoot, from)).flatMap((file) =>
    ts
      .preProcessFile(readFileSync(file, 'utf8'), true, true)
      .importedFiles.map(({ fileName: specifier }) => ({
        file: relative(repositoryRoot, file),
        specifier,
        from,
        to: target(file, specifier),
      })),
  ),
)

const shown = ({ file, specifier }: Import) => `${file} imports ${specifier}`

test('every workspace package has its rule', () => {
  const workspace = readFileSync(join(repositoryRoot, 'pnpm-workspace.yaml'), 'utf8')
  const list = workspace.slice(0, workspace.indexOf('\n\n'))
  expect([...list.matchAll(/- (\S+)/g)].map(([, name]) => name).sort()).toEqual(folders.sort())
  expect(imports.length).toBeGreaterThan(100)
})

test('imports between packages point one way', () => {
  const wrong = imports.filter(
    ({ from, to }) => to && to !== from && !MAY_IMPORT[from]?.includes(to),
  )
  expect(wrong.map(shown)).toEqual([])
})

/** The rooms of a product that grows on the platform; who composes a server knows them too. */
const DESK = /^(domain|schema|server)\/desk\//
const COMPOSES = ['server/start-server.ts', 'schema/schema.ts', 'schema/context.ts']

test('the credit desk stands on the platform, which knows nothing of it', () => {
  const reaches = ({ file, specifier }: Import) =>
    specifier.startsWith('.')
      ? DESK.test(relative(repositoryRoot, resolve(repositoryRoot, file, '..', specifier)))
      : /^@presage\/(domain|schema|server)\/desk\//.test(specifier)
  const platform = imports.filter(({ from }) => ['domain', 'schema', 'server'].includes(from))
  expect(platform.filter(reaches).length).toBeGreaterThan(20)
  const wrong = platform.filter(
    (each) => reaches(each) && !DESK.test(each.file) && !COMPOSES.includes(each.file),
  )
  expect(wrong.map(shown)).toEqual([])
})

test('another package is imported by its name, never by a path into it', () => {
  const wrong = imports.filter(
    ({ from, to, specifier }) => specifier.startsWith('.') && to !== from,
  )
  expect(wrong.map(shown)).toEqual([])
})

test('what a package imports of ours stands in its package.json', () => {
  const declared = (folder: string) => {
    const manifest = JSON.parse(readFileSync(join(repositoryRoot, folder, 'package.json'), 'utf8'))
    return Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
  }
  const wrong = imports.filter(
    ({ from, to }) => to && to !== from && !declared(from).includes(nameOf(to)),
  )
  expect(wrong.map(shown)).toEqual([])
})
