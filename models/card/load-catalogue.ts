import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { collisionOf } from './api-names.js'
import { CardError } from './card-error.js'
import type { ModelCard } from './card-schema.js'
import { loadCard } from './load-card.js'
import { successionFaults } from './succession.js'

/** The folder of the shipped models, the same from the sources and from `dist`. */
export const MODELS_DIR = fileURLToPath(new URL('..', import.meta.url)).replace(/\bdist[\\/]$/, '')

/** A model's card and the folder its artifacts are in. */
export interface InstalledModel {
  readonly card: ModelCard
  readonly dir: string
}

/**
 * Models and their versions. `models` and `model` are the version of each name that is on sale: of a
 * folder the newest, until somebody decides otherwise; `installed` holds every version, since open
 * predictions finish on theirs.
 */
export interface Catalogue {
  readonly models: readonly InstalledModel[]
  readonly installed: readonly InstalledModel[]
  model(name: string): InstalledModel | undefined
  version(name: string, version: string): InstalledModel | undefined
}

const numbers = (version: string) => version.split('.').map(Number)

/** Orders versions by their numbers: 1.10.0 is newer than 1.9.0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbers(a), numbers(b)]
  const differing = left.findIndex((part, index) => part !== right[index])
  return differing < 0 ? 0 : Number(left[differing]) - Number(right[differing])
}

/**
 * The cards of a folder of models, in the order of their folders.
 * @throws CardError when the folder does not exist, or holds none.
 */
export async function cardFiles(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => {
    throw new CardError(dir, ['the folder of models does not exist; set it to one that does'])
  })
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const files = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(dir, folder))).includes('model.yaml')
        ? [join(dir, folder, 'model.yaml')]
        : [],
    ),
  )
  if (files.flat().length === 0)
    throw new CardError(dir, [
      'no folder in it holds a model.yaml; add a model, or set it to another',
    ])
  return files.flat().sort()
}

/**
 * Reads one card with its folder.
 * @throws CardError when it is bad, or the folder is not called `<name>` or `<name>@<version>`.
 */
export async function install(file: string): Promise<InstalledModel> {
  const card = await loadCard(file)
  const dir = join(file, '..')
  const allowed = [card.name, `${card.name}@${card.version}`]
  if (!allowed.includes(basename(dir)))
    throw new CardError(file, [`name: rename the folder to ${allowed.join(' or ')}`])
  return { card, dir }
}

/** The versions of each model, in the order given. */
export function byName(models: readonly InstalledModel[]): Map<string, InstalledModel[]> {
  const groups = new Map<string, InstalledModel[]>()
  for (const model of models) {
    const { name } = model.card
    groups.set(name, [...(groups.get(name) ?? []), model])
  }
  return groups
}

/** Each version must take what the one before it takes, since callers need not know which is sold. */
function checkSuccession(installed: readonly InstalledModel[]): void {
  const inOrder = [...installed].sort((a, b) => compareVersions(a.card.version, b.card.version))
  for (const versions of byName(inOrder).values())
    for (const [index, { card, dir }] of versions.entries()) {
      const older = versions[index - 1]?.card
      const faults = older ? successionFaults(older, card) : []
      if (faults.length > 0)
        throw new CardError(join(dir, 'model.yaml'), [
          ...faults,
          `version: ${card.version} must take all that ${older?.version} takes; correct it, or give the model another name`,
        ])
    }
}

/**
 * Puts models together.
 * @throws CardError when a version is installed twice, when one does not take all that the version
 * before it takes, or when two would have one name in the API.
 */
export function catalogueOf(installed: readonly InstalledModel[]): Catalogue {
  const versions = new Map<string, InstalledModel>()
  const newest = new Map<string, InstalledModel>()
  for (const model of installed) {
    const { name, version } = model.card
    const key = `${name}@${version}`
    if (versions.has(key))
      throw new CardError(join(model.dir, 'model.yaml'), [`version: ${key} is installed twice`])
    versions.set(key, model)
    const rival = newest.get(name)
    if (!rival || compareVersions(version, rival.card.version) > 0) newest.set(name, model)
  }
  checkSuccession(installed)
  checkNames([...newest.values()])
  return {
    models: [...newest.values()],
    installed,
    model: (name) => newest.get(name),
    version: (name, version) => versions.get(`${name}@${version}`),
  }
}

function checkNames(models: readonly InstalledModel[]): void {
  const collision = collisionOf(models.map(({ card }) => card))
  const model = models.find(({ card }) => card === collision?.card)
  if (collision && model) throw new CardError(join(model.dir, 'model.yaml'), [collision.message])
}

/** The name of the model whose card this is, by its folder. */
const nameOf = (file: string): string => basename(join(file, '..')).replace(/@.*/, '')

/**
 * Reads every `<dir>/<folder>/model.yaml`, or those of the models named; a folder is called `<name>`
 * or `<name>@<version>`.
 * @throws CardError for the first bad card, and whatever {@link catalogueOf} refuses.
 */
export async function loadCatalogue(
  dir: string = MODELS_DIR,
  names?: readonly string[],
): Promise<Catalogue> {
  const files = (await cardFiles(dir)).filter((file) => names?.includes(nameOf(file)) ?? true)
  return catalogueOf(await Promise.all(files.map(install)))
}
