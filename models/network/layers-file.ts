import { io } from '@tensorflow/tfjs-core'
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers'
import { type LayersFile, layersFileSchema } from './network-artifact.js'

/** Builds a network from its file and weights, without a file handler of tfjs-node. */
export function openLayers(file: LayersFile, weights: ArrayBuffer): Promise<LayersModel> {
  const weightSpecs = file.weightsManifest.flatMap((group) => group.weights)
  const { modelTopology } = file
  return loadLayersModel(io.fromMemory({ modelTopology, weightSpecs, weightData: weights }))
}

/** A network as its file and its weights; `weightsPath` is where the weights will be. */
export async function layersFile(
  model: LayersModel,
  weightsPath: string,
): Promise<{ file: LayersFile; weights: Uint8Array }> {
  let saved: io.ModelArtifacts = {}
  await model.save(
    io.withSaveHandler(async (artifacts) => {
      saved = artifacts
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  const { modelTopology, weightSpecs = [], weightData } = saved
  const file = {
    format: 'layers-model' as const,
    modelTopology: { ...modelTopology },
    weightsManifest: [{ paths: [weightsPath], weights: weightSpecs }],
  }
  return {
    file: layersFileSchema.parse(file),
    weights: new Uint8Array(io.CompositeArrayBuffer.join(weightData)),
  }
}
