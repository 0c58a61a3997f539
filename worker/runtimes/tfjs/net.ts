import * as tf from '@tensorflow/tfjs-core'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import type { GraphFile } from './graph-file.js'

/** A network with one input of encoded rows and one number for each of them, of either format. */
export interface Net {
  /** One answer for each row, in one call. */
  predict(rows: tf.Tensor2D): tf.Tensor
  /** The same where gradients are taken. */
  apply(rows: tf.Tensor): tf.Tensor
  dispose(): void
}

function single(answer: unknown): tf.Tensor {
  if (answer instanceof tf.Tensor) return answer
  throw new Error('the network has more than one output')
}

/** A network of layers. */
export const layersNet = (model: LayersModel): Net => ({
  predict: (rows) => single(model.predictOnBatch(rows)),
  apply: (rows) => single(model.apply(rows)),
  dispose: () => {
    model.dispose()
  },
})

/** A network as the graph of operations that the converter writes; its reader is loaded for it. */
export async function graphNet(file: GraphFile, weightData: ArrayBuffer): Promise<Net> {
  const { loadGraphModel } = await import('@tensorflow/tfjs-converter')
  const weightSpecs = file.weightsManifest.flatMap(({ weights }) => weights)
  const graph = await loadGraphModel(tf.io.fromMemory({ ...file, weightSpecs, weightData }))
  const predict = (rows: tf.Tensor) => single(graph.predict(rows))
  return { predict, apply: predict, dispose: () => graph.dispose() }
}
