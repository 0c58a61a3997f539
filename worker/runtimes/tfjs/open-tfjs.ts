import {
  type Encoding,
  EncodingError,
  encodedWidth,
  encodeRow,
} from '@presage/models/encoding/encoding'
import { openLayers } from '@presage/models/network/layers-file'
import { layersFileSchema, networkArtifactSchema } from '@presage/models/network/network-artifact'
import { type ArtifactFiles, parseArtifact } from '../artifact.js'
import { type Computed, type OpenRuntime, type PredictRow, RowError } from '../runtime.js'
import { answer, type LoadedNetwork } from './answer.js'
import { attribute } from './attribute.js'
import { startBackend } from './backend.js'
import { readDenseStack } from './dense-stack.js'

function encode(encoding: Encoding, row: PredictRow): Float32Array | RowError {
  const encoded = new Float32Array(encodedWidth(encoding))
  try {
    encodeRow(encoding, row.values, encoded)
    return encoded
  } catch (error) {
    if (error instanceof EncodingError) return new RowError(error.message)
    throw error
  }
}

/** Computes the rows that can be encoded in one call; the others become their errors. */
function compute(network: LoadedNetwork, rows: readonly PredictRow[]): (Computed | RowError)[] {
  const results = rows.map((row): { row: PredictRow; encoded: Float32Array | RowError } => ({
    row,
    encoded: encode(network.encoding, row),
  }))
  const sound = results.flatMap(({ row, encoded }, index) =>
    encoded instanceof RowError ? [] : [{ row, encoded, index }],
  )
  const values = answer(
    network,
    sound.map(({ encoded }) => encoded),
  )
  const valued = sound.map((each, index) => ({ ...each, value: Number(values[index]) }))
  const asked = valued.filter(({ row }) => row.explain)
  const attributions = attribute(network, asked)
  const reasons = new Map(asked.map(({ index }, place) => [index, attributions[place]]))
  const computed = new Map(
    valued.map(({ index, value }): [number, Computed] => {
      const attribution = reasons.get(index)
      return [index, { value, measures: {}, ...(attribution ? { attribution } : {}) }]
    }),
  )
  return results.map(
    ({ encoded }, index) =>
      computed.get(index) ??
      (encoded instanceof RowError ? encoded : new RowError('the row was not computed')),
  )
}

/** Reads a network of TensorFlow.js layers and what belongs to it. */
export async function loadNetwork(files: ArtifactFiles) {
  const artifact = parseArtifact(networkArtifactSchema, files, files.main)
  const file = parseArtifact(layersFileSchema, files, artifact.layers)
  await startBackend()
  const weights = files.bytes(file.weightsManifest[0].paths[0])
  const model = await openLayers(file, weights.buffer)
  const { encoding, output } = artifact
  const network: LoadedNetwork = { model, stack: readDenseStack(model), encoding, output }
  return { network, calibration: artifact.calibration }
}

/** Opens a network of TensorFlow.js layers. */
export const openTfjs: OpenRuntime = async (files) => {
  const { network, calibration } = await loadNetwork(files)
  return {
    calibration,
    compute: (rows) => compute(network, rows),
    close: () => {
      network.model.dispose()
    },
  }
}
