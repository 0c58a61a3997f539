import { z } from 'zod'
import { calibrationSchema } from '../calibration/calibration.js'
import { encodingSchema } from '../encoding/encoding.js'

/** A network for one number: answer = mean + scale · output of the layers on the encoded row. */
export const networkArtifactSchema = z.strictObject({
  encoding: encodingSchema,
  output: z.strictObject({ mean: z.number(), scale: z.number().positive() }),
  /** The layers' file, in TensorFlow.js's own format; its weights are beside it. */
  layers: z.string(),
  calibration: calibrationSchema.optional(),
})
export type NetworkArtifact = z.infer<typeof networkArtifactSchema>

/** The part of TensorFlow.js's layers format that is relied on: one file of float32 weights. */
export const layersFileSchema = z.looseObject({
  format: z.literal('layers-model'),
  modelTopology: z.looseObject({}),
  weightsManifest: z.tuple([
    z.looseObject({
      paths: z.tuple([z.string()]),
      weights: z.array(
        z.looseObject({
          name: z.string(),
          shape: z.array(z.int()),
          dtype: z.literal('float32'),
        }),
      ),
    }),
  ]),
})
export type LayersFile = z.infer<typeof layersFileSchema>
