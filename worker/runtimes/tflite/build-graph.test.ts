import { readFileSync } from 'node:fs'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import * as tf from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ArtifactError } from '../artifact.js'
import { startBackend } from '../tfjs/backend.js'
import { buildGraph, type Graph } from './build-graph.js'

const FILE = `${MODELS_DIR}/portrait-cutout/selfie-segmentation.tflite`
const bytes = () => new Uint8Array(readFileSync(FILE))

const fixture = (name: string) => new URL(`./fixtures/${name}`, import.meta.url).pathname

/** NASA's portrait of Eileen Collins, and what Google's runtime makes of it, 0 to 65,535. */
async function readReference() {
  const rgb = await sharp(fixture('astronaut-256.png')).raw().toBuffer()
  const mask = await sharp(fixture('astronaut-256.expected.png'))
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer()
  return {
    input: Float32Array.from(rgb, (value) => value / 255),
    expected: Float32Array.from(
      new Uint16Array(mask.buffer, mask.byteOffset, mask.length / 2),
      (value) => value / 65_535,
    ),
  }
}

describe('the portrait network', () => {
  let graph: Graph
  beforeAll(async () => {
    await startBackend()
    graph = buildGraph(bytes(), FILE)
  })
  afterAll(() => graph.dispose())

  const run = (values: Float32Array, height: number, width: number) =>
    tf.tidy(() => graph.run(tf.tensor4d(values, [1, height, width, 3])).dataSync())

  it("answers as Google's own runtime, within 1e-4", async () => {
    const { input, expected } = await readReference()
    const output = run(input, 256, 256)
    const differences = expected.map((value, index) => Math.abs(value - Number(output[index])))
    expect(differences).toHaveLength(65_536)
    expect(differences.reduce((most, value) => Math.max(most, value))).toBeLessThan(1e-4)
  })

  it('takes other heights and widths than those of its file', () => {
    expect(graph.inputShape).toEqual([1, 256, 256, 3])
    expect(run(new Float32Array(96 * 160 * 3), 96, 160)).toHaveLength(96 * 160)
  })

  it('keeps no tensor behind', () => {
    const once = () => run(new Float32Array(64 * 64 * 3), 64, 64)
    once()
    const before = tf.memory().numTensors
    for (let pass = 0; pass < 5; pass++) once()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('frees its weights', () => {
    const before = tf.memory().numTensors
    buildGraph(bytes(), FILE).dispose()
    expect(tf.memory().numTensors).toBe(before)
  })

  it('names an operator that it does not know', () => {
    const text = Buffer.from(bytes())
    text.write('Convolution2DTransposeBiaz', text.indexOf('Convolution2DTransposeBias'))
    expect(() => buildGraph(new Uint8Array(text), 'altered.tflite')).toThrow(
      new ArtifactError(
        'altered.tflite',
        'the operator Convolution2DTransposeBiaz is not known to this worker',
      ),
    )
  })
})
