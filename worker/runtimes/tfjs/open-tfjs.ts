import {
  type Encoding,
  EncodingError,
  encodedWidth,
  encodeRow,
} from '@presage/models/encoding/encoding'
import { openLayers } from '@presage/models/network/layers-file'
import { layersFileSchema, networkArtifactSchema } from '@presage/models/network/network-artifact'
import { type ArtifactFiles, parseArtifact } from '../artifact.js'
import {
  type Computed,
  type Explained,
  type OpenRuntime,
  RowError,
  type Values,
} from '../runtime.js'
import { answer, type LoadedNetwork } from './answer.js'
import { attribute } from './attribute.js'
import { startBackend } from './backend.js'
import { readDenseStack } from './dense-stack.js'

function encode(encoding: Encoding, values: Values): Float32Array | RowError {
  const encoded = new Float32Array(encodedWidth(encoding))
  try {
    encodeRow(encoding, values, encoded)
    return encoded
  } catch (error) {
    if (error instanceof EncodingError) return new RowError(error.message)
    throw error
  }
}

/** Computes the rows that can be encoded in one call; the others become their errors. */
function compute(network: LoadedNetwork, rows: readonly Values[]): (Computed | RowError)[] {
  const encoded = rows.map((values) => encode(network.encoding, values))
  const sound = encoded.flatMap((row) => (row instanceof RowError ? [] : [row]))
  const values = answer(network, sound).values()
  return encoded.map((row) =>
    row instanceof RowError ? row : { value: Number(values.next().value), measures: {} },
  )
}

/** Rows that were computed, encoded again: cheaper than to keep them for the few that ask. */
function explain(network: LoadedNetwork, rows: readonly Explained[]) {
  const encoded = rows.map(({ values, value }) => {
    const row = new Float32Array(encodedWidth(network.encoding))
    encodeRow(network.encoding, values, row)
    return { values, value, encoded: row }
  })
  return attribute(network, encoded)
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
    predictBatch: async (rows) => compute(network, rows),
    explainBatch: async (rows) => explain(network, rows),
    close: () => {
      network.model.dispose()
    },
  }
}
