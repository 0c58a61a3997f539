import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import { type OpenModel, openModel } from '../runtimes/open-model.js'
import type { ReadyModel } from './compute-batch.js'
import { RowCost } from './row-cost.js'
import type { RefusedModel } from './thread-messages.js'

/** Each variant computes its example this often before it serves: compiled, measured, proven. */
const WARM_UP_RUNS = 3

/** The model versions this worker can serve, and those it must leave to others. */
export interface LoadedModels {
  ready: ReadyModel[]
  refused: RefusedModel[]
  /** `tensorflow` or `wasm`, where a model needs either. */
  backend?: string | undefined
}

/**
 * Opens every installed model version. One with a bad artifact, or that cannot compute its card's
 * example, is refused; the others are served.
 * @throws CardError when the catalogue itself cannot be read.
 */
export async function loadModels(modelsDir?: string): Promise<LoadedModels> {
  const catalogue = await loadCatalogue(modelsDir)
  const loaded: LoadedModels = { ready: [], refused: [] }
  for (const installed of catalogue.installed) {
    const { name: model, version } = installed.card
    try {
      loaded.ready.push(await openReady(installed))
      if (installed.card.variants.some(({ runtime }) => runtime === 'tfjs'))
        loaded.backend = await backendOfNetworks()
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      loaded.refused.push({ model, version, reason })
    }
  }
  return loaded
}

/** Loaded where a network is, as it takes a while. */
const backendOfNetworks = async () => (await import('../runtimes/tfjs/backend.js')).startBackend()

async function openReady(installed: InstalledModel): Promise<ReadyModel> {
  const { card } = installed
  const open = await openModel(installed)
  const costs = new Map(card.variants.map(({ name }) => [name, new RowCost()]))
  for (const [variant, cost] of costs) await warmUp(installed, open, variant, cost)
  return { model: card.name, version: card.version, open, costs }
}

async function warmUp({ card }: InstalledModel, open: OpenModel, variant: string, cost: RowCost) {
  const values = Object.fromEntries(card.features.map(({ name, example }) => [name, example]))
  for (let run = 0; run < WARM_UP_RUNS; run++) {
    const start = performance.now()
    await open.predict(variant, [{ values, explain: true }])
    if (run > 0) cost.record(1, performance.now() - start)
  }
}
