import type { ModelCard } from '@presage/models/card/card-schema'
import { cutOut } from '../../portrait/cut-out.js'
import { ArtifactError } from '../artifact.js'
import { type Computed, type OpenRuntime, RowError, type Uploads, type Values } from '../runtime.js'
import { startBackend } from '../tfjs/backend.js'
import { buildGraph, type Graph } from './build-graph.js'

/** A network that says of each pixel how probably it shows a person. */
function openSegmenter(bytes: Uint8Array, file: string): Graph {
  const graph = buildGraph(bytes, file)
  const [from, to] = [graph.inputShape.at(-1), graph.outputShape.at(-1)]
  if (from === 3 && to === 1) return graph
  graph.dispose()
  throw new ArtifactError(file, `it turns ${from} channels into ${to}; 3 and 1 were expected`)
}

function photoFeature({ task, features }: ModelCard, file: string): string {
  const [photo, ...others] = features.filter(({ type }) => type === 'upload')
  if (task === 'image' && photo && others.length === 0) return photo.name
  throw new ArtifactError(file, 'it needs a card of the task image with one feature, an upload')
}

async function answer(graph: Graph, id: unknown, uploads: Uploads): Promise<Computed | RowError> {
  const file = typeof id === 'string' ? uploads.get(id) : undefined
  if (!file) return new RowError('The upload is not there any more, or is damaged.', 'UPLOAD_LOST')
  try {
    const { share, ...picture } = await cutOut(graph, file)
    return { value: share, measures: { share: 100 * share }, picture }
  } catch (error) {
    if (error instanceof RowError) return error
    throw error
  }
}

/**
 * Opens a segmentation network of TensorFlow Lite that cuts the people out of photos. One after the
 * other: one of 50 megapixels takes up to 750 MB for some seconds.
 */
export const openTflite: OpenRuntime = async (files, { card }) => {
  const feature = photoFeature(card, files.main)
  await startBackend()
  const graph = openSegmenter(files.bytes(files.main), files.main)
  return {
    calibration: undefined,
    async predictBatch(rows: readonly Values[], uploads: Uploads = new Map()) {
      const answers: (Computed | RowError)[] = []
      for (const row of rows) answers.push(await answer(graph, row[feature], uploads))
      return answers
    },
    explainBatch: () => Promise.reject(new Error('a cut-out cannot be explained')),
    close: () => graph.dispose(),
  }
}
