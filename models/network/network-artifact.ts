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

/** Weights as the converter writes them: groups of tensors, each group cut into files. */
export const weightsManifestSchema = z
  .array(
    z.looseObject({
      paths: z.array(z.string()).min(1),
      weights: z.array(
        z.looseObject({
          name: z.string(),
          shape: z.array(z.int()),
          dtype: z.enum(['float32', 'int32', 'bool']),
        }),
      ),
    }),
  )
  .min(1)

/** The part of TensorFlow.js's layers format that is relied on. */
export const layersFileSchema = z.looseObject({
  format: z.literal('layers-model'),
  modelTopology: z.looseObject({}),
  weightsManifest: weightsManifestSchema,
})
export type LayersFile = z.infer<typeof layersFileSchema>

/** The files of all weights, in the order in which their bytes belong together. */
export const weightPaths = ({ weightsManifest }: Pick<LayersFile, 'weightsManifest'>) =>
  weightsManifest.flatMap(({ paths }) => paths)

/** The bytes of several files, one behind the other. */
export function joined(parts: readonly Uint8Array[]): ArrayBuffer {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole.buffer
}
