import {
  networkArtifactSchema,
  weightsManifestSchema,
} from '@presage/models/network/network-artifact'
import { z } from 'zod'

/** As a network of layers, with the file of a graph in the place of theirs. */
export const graphArtifactSchema = networkArtifactSchema
  .omit({ layers: true })
  .extend({ graph: z.string() })

/** The part of TensorFlow.js's graph format that is relied on. */
export const graphFileSchema = z.looseObject({
  format: z.literal('graph-model'),
  modelTopology: z.looseObject({}),
  weightsManifest: weightsManifestSchema,
})
export type GraphFile = z.infer<typeof graphFileSchema>
