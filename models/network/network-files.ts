import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { LayersModel } from '@tensorflow/tfjs-layers'
import { layersFile, openLayers } from './layers-file.js'
import {
  joined,
  layersFileSchema,
  type NetworkArtifact,
  networkArtifactSchema,
  weightPaths,
} from './network-artifact.js'

/** A network and how rows are put before it. */
export interface Network {
  model: LayersModel
  artifact: NetworkArtifact
}

/** Writes `<name>.json`, `<name>-layers.json` and `<name>-weights.bin`. */
export async function writeNetwork(
  dir: string,
  name: string,
  model: LayersModel,
  artifact: Omit<NetworkArtifact, 'layers'>,
) {
  const weightsPath = `${name}-weights.bin`
  const { file, weights } = await layersFile(model, weightsPath)
  const layers = `${name}-layers.json`
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, weightsPath), weights)
  await writeFile(join(dir, layers), `${JSON.stringify(file)}\n`)
  await writeFile(join(dir, `${name}.json`), `${JSON.stringify({ ...artifact, layers })}\n`)
}

const json = async (file: string): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'))

/** Reads what {@link writeNetwork} wrote. */
export async function readNetwork(dir: string, name: string): Promise<Network> {
  const artifact = networkArtifactSchema.parse(await json(join(dir, `${name}.json`)))
  const file = layersFileSchema.parse(await json(join(dir, artifact.layers)))
  const weights = await Promise.all(weightPaths(file).map((path) => readFile(join(dir, path))))
  return { model: await openLayers(file, joined(weights)), artifact }
}
