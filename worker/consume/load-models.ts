import type { ModelCard, Variant } from '@presage/models/card/card-schema'
import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import { ArtifactError } from '../runtimes/artifact.js'
import { exampleRows, exampleUploads } from '../runtimes/example-rows.js'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import type { Uploads } from '../runtimes/runtime.js'
import type { ReadyModel } from './compute-batch.js'
import { RowCost } from './row-cost.js'
import type { RefusedModel } from './thread-messages.js'

/** Each variant computes its examples this often before it serves: compiled, measured, proven. */
const WARM_UP_RUNS = 3
/** A picture takes a hundred times as long as a row; the second is of the compiled code. */
const WARM_UP_PICTURES = 2

/** The runtimes that compute by TensorFlow.js. */
const NETWORKS: readonly string[] = ['tfjs', 'tflite']

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
}

/**
 * Opens every version of `models`, by default of all that are installed. One with a bad artifact, or that cannot compute its card's
 * example, whole or with only what must be sent, is refused; the others are served.
 * @throws CardError when the catalogue itself cannot be read.
 * @throws NotInstalledError
 */
export async function loadModels(
  modelsDir?: string,
  models?: readonly string[],
): Promise<LoadedModels> {
  const catalogue = await loadCatalogue(modelsDir)
  const loaded: LoadedModels = { ready: [], refused: [] }
  for (const installed of chosen(catalogue.installed, models)) {
    const { name: model, version } = installed.card
    try {
      loaded.ready.push(await openReady(installed))
      if (installed.card.variants.some(({ runtime }) => NETWORKS.includes(runtime)))
        loaded.backend = await backendOfNetworks()
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      loaded.refused.push({ model, version, reason })
    }
  }
  return loaded
}

function chosen(installed: readonly InstalledModel[], models?: readonly string[]) {
  if (!models) return installed
  const names = new Set(installed.map(({ card }) => card.name))
  const unknown = models.filter((model) => !names.has(model))
  if (unknown.length > 0)
    throw new NotInstalledError(
      `MODELS names ${unknown.join(', ')}; installed are ${[...names].join(', ')}.`,
    )
  return installed.filter(({ card }) => models.includes(card.name))
}

/** Loaded where a network is, as it takes a while. */
const backendOfNetworks = async () => (await import('../runtimes/tfjs/backend.js')).startBackend()

async function openReady(installed: InstalledModel): Promise<ReadyModel> {
  const { card } = installed
  const open = await openModel(installed)
  const costs = new Map<string, RowCost>()
  const examples = await exampleUploads(installed)
  for (const variant of card.variants)
    costs.set(variant.name, await warmUp(card, open, variant, examples))
  const uploads = uploadsOf(card).map(({ name }) => name)
  return { model: card.name, version: card.version, open, costs, uploads }
}

const uploadsOf = ({ features }: ModelCard) => features.filter(({ type }) => type === 'upload')

async function warmUp(
  card: ModelCard,
  open: OpenModel,
  variant: Variant,
  examples: Uploads,
): Promise<RowCost> {
  const cost = new RowCost()
  const rows = exampleRows(card, variant)
  const runs = card.task === 'image' ? WARM_UP_PICTURES : WARM_UP_RUNS
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
