import { ArtifactError, type ArtifactFiles } from './artifact.js'
import type { OpenRuntime, Runtime, RuntimeContext } from './runtime.js'

/** Loaded on first use, so that a worker without networks never loads TensorFlow.js. */
const RUNTIMES: Record<string, () => Promise<OpenRuntime>> = {
  ensemble: async () => (await import('./ensemble/open-ensemble.js')).openEnsemble,
  linear: async () => (await import('./linear/open-linear.js')).openLinear,
  tfjs: async () => (await import('./tfjs/open-tfjs.js')).openTfjs,
  tflite: async () => (await import('./tflite/open-tflite.js')).openTflite,
  trees: async () => (await import('./trees/open-trees.js')).openTrees,
}

/**
 * Opens verified files with the runtime of that name.
 * @throws ArtifactError when there is no such runtime, or the files are not for it.
 */
export async function openRuntime(
  name: string,
  files: ArtifactFiles,
  context: RuntimeContext,
): Promise<Runtime> {
  const load = RUNTIMES[name]
  if (load) return (await load())(files, context)
  const names = Object.keys(RUNTIMES).join(', ')
  throw new ArtifactError(files.main, `this worker has no runtime ${name}, only ${names}`)
}
