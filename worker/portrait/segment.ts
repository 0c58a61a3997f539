import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import type { Graph } from '../runtimes/tflite/build-graph.js'
import type { Memory } from './arena.js'
import type { Pixels } from './decode-photo.js'
import type { Plane } from './plane.js'
import { heightOf, type Region, widthOf } from './region.js'

/** The network halves its input four times, and doubles it again: 32 keeps both sides even. */
const STEP = 32
const SHORTEST = 64

const toStep = (length: number) => Math.max(SHORTEST, Math.round(length / STEP) * STEP)

/** A probability of "person" for each cell of a region, as wide and high as the network saw it. */
export interface Sighting {
  readonly region: Region
  readonly plane: Plane
}

/** Whole pixels: what is cut out is a little larger than what was asked for. */
export function pixelsOf({ width, height }: Omit<Pixels, 'rgb'>, region: Region) {
  const left = Math.floor(region.left * width)
  const top = Math.floor(region.top * height)
  const right = Math.min(width, Math.ceil(region.right * width))
  const bottom = Math.min(height, Math.ceil(region.bottom * height))
  return { left, top, width: right - left, height: bottom - top }
}

/** A region of a picture at another size. */
export async function scaled(
  { width, height, rgb }: Pixels,
  region: Region,
  size: { width: number; height: number },
) {
  const cut = pixelsOf({ width, height }, region)
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .extract(cut)
    .resize(size.width, size.height, { fit: 'fill', kernel: 'cubic' })
    .raw()
    .toBuffer()
  const { left, top } = cut
  const seen: Region = {
    left: left / width,
    top: top / height,
    right: (left + cut.width) / width,
    bottom: (top + cut.height) / height,
  }
  return { bytes, seen }
}

function toTensor(bytes: Uint8Array, height: number, width: number, memory: Memory): tf.Tensor4D {
  const values = memory.floats(bytes.length)
  for (let at = 0; at < bytes.length; at++) values[at] = Number(bytes[at]) / 255
  return tf.tensor4d(values, [1, height, width, 3])
}

/**
 * Where the network sees people in a region of a picture. The region keeps its proportions and
 * becomes about `scale` × `scale` cells in area: a network of convolutions finds people of the
 * size it was trained on, so a larger scale finds smaller people.
 */
export async function segment(
  graph: Graph,
  picture: Pixels,
  region: Region,
  scale: number,
  memory: Memory,
): Promise<Sighting> {
  const aspect = (widthOf(region) * picture.width) / (heightOf(region) * picture.height)
  const width = toStep(scale * Math.sqrt(aspect))
  const height = toStep(scale / Math.sqrt(aspect))
  const { bytes, seen } = await scaled(picture, region, { width, height })
  const input = toTensor(bytes, height, width, memory)
  const output = graph.run(input)
  const values = output.dataSync<'float32'>()
  tf.dispose([input, output])
  return { region: seen, plane: { width, height, values } }
}
