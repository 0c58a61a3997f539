import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import {
  type Catalogue,
  type InstalledModel,
  loadCatalogue,
} from '@presage/models/card/load-catalogue'
import { optInMeasures } from '@presage/models/card/measure-schema'
import type { Logger } from 'pino'
import { ArtifactError } from '../runtimes/artifact.js'
import { exampleRows, exampleUploads } from '../runtimes/example-rows.js'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import type { Uploads } from '../runtimes/runtime.js'
import type { ReadyModel } from './compute-batch.js'
import { RowCost } from './row-cost.js'
import type { RefusedModel, ServedModel } from './thread-messages.js'

/** Each variant computes its examples this often before it serves: compiled, measured, proven. */
const WARM_UP_RUNS = 3
/** What is to be short is measured once it is compiled: the first rows take fifty times as long. */
const WARM_UP_PLAIN = 50
/** A picture takes a hundred times as long as a row; the second is of the compiled code. */
const WARM_UP_PICTURES = 2

/** The runtimes that compute by TensorFlow.js. */
const NETWORKS: readonly string[] = ['tfjs', 'tflite']
/** Those whose arithmetic is a bounded number of steps, each of our own code. */
const PLAIN: readonly string[] = ['linear', 'trees']

/** The model versions this worker can serve, and those it must leave to others. */
export interface LoadedModels {
  ready: ReadyModel[]
  refused: RefusedModel[]
  /** `tensorflow` or `wasm`, where a model needs either. */
  backend?: string | undefined
}

/** A worker is to serve a model that is not installed. */
export class NotInstalledError extends Error {
  override readonly name = 'NotInstalledError'

  constructor(unknown: readonly string[], { models }: Pick<Catalogue, 'models'>) {
    const installed = models.map(({ card }) => card.name)
    super(`MODELS names ${unknown.join(', ')}; installed are ${installed.join(', ')}.`)
  }
}

/**
 * Opens every version of `models`, by default of all that are installed. One with a bad artifact, or that cannot compute its card's
 * example, whole or with only what must be sent, is refused; the others are served.
 * @throws CardError when the folder, or the cards of `models`, cannot be used.
 * @throws NotInstalledError
 */
export async function loadModels(
  modelsDir?: string,
  models?: readonly string[],
): Promise<LoadedModels> {
  const { installed } = await loadCatalogue(modelsDir, models)
  const unknown = models?.filter((name) => !installed.some(({ card }) => card.name === name)) ?? []
  // The others' cards say what they are called, or which folder is called otherwise than its card.
  if (unknown.length > 0) throw new NotInstalledError(unknown, await loadCatalogue(modelsDir))
  const loaded: LoadedModels = { ready: [], refused: [] }
  for (const it of installed) {
    const { name: model, version } = it.card
    try {
      loaded.ready.push(await openReady(it))
      if (it.card.variants.some(({ runtime }) => NETWORKS.includes(runtime)))
        loaded.backend = await backendOfNetworks()
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      loaded.refused.push({ model, version, reason })
    }
  }
  return loaded
}

/**
 * Opens the plain variants of the versions that the inference thread serves once more; one that does
 * not open is left to the thread.
 */
export async function loadPlain(
  modelsDir: string | undefined,
  served: readonly ServedModel[],
  log: Pick<Logger, 'warn'>,
): Promise<ReadyModel[]> {
  const plain = served.filter(({ plain = [] }) => plain.length > 0)
  const names = plain.map(({ model }) => model)
  if (names.length === 0) return []
  const catalogue = await loadCatalogue(modelsDir, names).catch((err: unknown) => {
    log.warn({ err }, 'the models cannot be read again; the thread computes all of them')
  })
  const models = plain.map(async ({ model, version, plain = [] }) => {
    const installed = catalogue?.version(model, version)
    if (!installed) return []
    const variants = installed.card.variants.filter(({ name }) => plain.includes(name))
    const open = openReady({ ...installed, card: { ...installed.card, variants } }, WARM_UP_PLAIN)
    return open.then(
      (ready) => [ready],
      (err: unknown) => {
        log.warn({ model, version, err }, 'a plain model does not open again; the thread has it')
        return []
      },
    )
  })
  return (await Promise.all(models)).flat()
}

/** Loaded where a network is, as it takes a while. */
const backendOfNetworks = async () => (await import('../runtimes/tfjs/backend.js')).startBackend()

async function openReady(
  installed: InstalledModel,
  runs = runsOf(installed.card),
): Promise<ReadyModel> {
  const { card } = installed
  const open = await openModel(installed)
  const costs = new Map<string, RowCost>()
  const examples = await exampleUploads(installed)
  for (const variant of card.variants)
    costs.set(variant.name, await warmUp(card, open, variant, examples, runs))
  const uploads = uploadsOf(card).map(({ name }) => name)
  return { model: card.name, version: card.version, open, costs, uploads, plain: plainOf(card) }
}

const runsOf = ({ task }: ModelCard) => (task === 'image' ? WARM_UP_PICTURES : WARM_UP_RUNS)

function plainOf(card: ModelCard): string[] {
  const figures = optInMeasures(card.measures).map(({ optIn }) => optIn)
  if (uploadsOf(card).length > 0 || !figures.every(isPlain)) return []
  return card.variants.filter(isPlain).map(({ name }) => name)
}

const isPlain = ({ runtime }: { runtime: string }) => PLAIN.includes(runtime)

const uploadsOf = ({ features }: ModelCard) => features.filter(({ type }) => type === 'upload')

async function warmUp(
  card: ModelCard,
  open: OpenModel,
  variant: Variant,
  examples: Uploads,
  runs: number,
): Promise<RowCost> {
  const cost = new RowCost()
  const rows = exampleRows(card, variant)
  for (let run = 0; run < runs; run++) {
    const start = performance.now()
    const outcomes = await open.predict(variant.name, rows, examples)
    if (run > 0) cost.record(rows.length, performance.now() - start)
    for (const outcome of outcomes)
      if ('failure' in outcome)
        throw new ArtifactError(
          variant.artifact,
          `it fails the example: ${outcome.failure.message}`,
        )
  }
  return cost
}
