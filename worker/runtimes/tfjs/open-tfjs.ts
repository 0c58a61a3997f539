import {
  type Encoding,
  EncodingError,
  encodedWidth,
  encodeRow,
} from '@presage/models/encoding/encoding'
import { openLayers } from '@presage/models/network/layers-file'
import {
  joined,
  layersFileSchema,
  networkArtifactSchema,
  weightPaths,
} from '@presage/models/network/network-artifact'
import { z } from 'zod'
import { ArtifactError, type ArtifactFiles, parseArtifact } from '../artifact.js'
import {
  type Computed,
  type Explained,
  type OpenRuntime,
  RowError,
  type Values,
} from '../runtime.js'
import { answer, answerTogether, type LoadedNetwork } from './answer.js'
import { attribute } from './attribute.js'
import { startBackend } from './backend.js'
import { readDenseStack } from './dense-stack.js'
import { graphArtifactSchema, graphFileSchema } from './graph-file.js'
import { integratedGradients } from './integrated-gradients.js'
import { graphNet, layersNet } from './net.js'

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

/** Reads the network in either format; a stack of dense layers also as plain arrays. */
async function openNet(files: ArtifactFiles) {
  const weightsOf = (file: Parameters<typeof weightPaths>[0]) =>
    joined(weightPaths(file).map((path) => files.bytes(path)))
  const { graph } = parseArtifact(formatSchema, files, files.main)
  await startBackend()
  if (graph === undefined) {
    const artifact = parseArtifact(networkArtifactSchema, files, files.main)
    const file = parseArtifact(layersFileSchema, files, artifact.layers)
    const model = await openLayers(file, weightsOf(file))
    return { artifact, net: layersNet(model), stack: readDenseStack(model) }
  }
  const artifact = parseArtifact(graphArtifactSchema, files, files.main)
  const file = parseArtifact(graphFileSchema, files, graph)
  return { artifact, net: await graphNet(file, weightsOf(file)), stack: undefined }
}

const formatSchema = z.looseObject({ graph: z.string().optional() })

/** Runs it once on a row of zeros: what cannot be computed or explained is refused at the start. */
function tryOut({ net, encoding }: LoadedNetwork, files: ArtifactFiles, isExplained: boolean) {
  const row = new Float32Array(encodedWidth(encoding))
  const attempt = <T>(what: string, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw new ArtifactError(
        files.main,
        `${what}: ${error instanceof Error ? error.message : error}`,
      )
    }
  }
  const answers = attempt('the network cannot be computed', () => answerTogether(net, [row]))
  if (answers.length !== 1)
    throw new ArtifactError(files.main, `the network gives ${answers.length} numbers, and not one`)
  if (isExplained)
    attempt('it has no gradients, so drop explanation from its card', () =>
      integratedGradients(net, [row], [row]),
    )
}

/** Reads a network of TensorFlow.js and what belongs to it. */
export async function loadNetwork(files: ArtifactFiles) {
  const { artifact, net, stack } = await openNet(files)
  const { encoding, output, calibration } = artifact
  const network: LoadedNetwork = { net, stack, encoding, output }
  return { network, calibration }
}

/** Opens a network of TensorFlow.js, of layers or as a graph. */
export const openTfjs: OpenRuntime = async (files, { variant }) => {
  const { network, calibration } = await loadNetwork(files)
  tryOut(network, files, variant.explanation !== undefined)
  return {
    calibration,
    predictBatch: async (rows) => compute(network, rows),
    explainBatch: async (rows) => explain(network, rows),
    close: () => {
      network.net.dispose()
    },
  }
}
