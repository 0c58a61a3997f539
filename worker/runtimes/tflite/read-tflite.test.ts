import { readFileSync } from 'node:fs'
import { MODELS_DIR } from '@presage/models/card/load-catalogue'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ArtifactError } from '../artifact.js'
import { constantOf } from './constant.js'
import { readTflite } from './read-tflite.js'

const bytes = new Uint8Array(
  readFileSync(`${MODELS_DIR}/portrait-cutout/selfie-segmentation.tflite`),
)

it('reads what the file states', () => {
  const model = readTflite(bytes, 'network')
  const kinds = new Set(model.operators.map(({ name }) => name))
  expect(model.operators).toHaveLength(246)
  expect(kinds).toContain('Convolution2DTransposeBias')
  expect(kinds.size).toBe(11)
  expect(model.inputs.map((input) => model.tensors[input]?.shape)).toEqual([[1, 256, 256, 3]])
  expect(model.outputs.map((output) => model.tensors[output]?.shape)).toEqual([[1, 256, 256, 1]])
})

it('refuses what is no such file', () => {
  expect(() => readTflite(new TextEncoder().encode('{"layers": []}'), 'x')).toThrow('is not TFL3')
})

it('either reads a damaged file or refuses it, and never fails otherwise', () => {
  const place = fc.nat({ max: bytes.length - 1 })
  fc.assert(
    fc.property(place, fc.nat({ max: 255 }), fc.option(place), (at, value, length) => {
      const damaged = bytes.slice(0, Math.max(8, length ?? bytes.length))
      if (at >= 8 && at < damaged.length) damaged[at] = value
      try {
        readTflite(damaged, 'damaged')
      } catch (error) {
        expect(error).toBeInstanceOf(ArtifactError)
      }
    }),
    { numRuns: 300 },
  )
})

it('widens half precision', () => {
  const halves = [0x0000, 0x3c00, 0xc000, 0x3555, 0x0001, 0x7bff, 0x7c00]
  const data = new Uint8Array(Uint16Array.from(halves).buffer)
  const constant = constantOf({ name: 'c', shape: [7], type: 'FLOAT16', data })
  const third = 0.333251953125
  expect([...(constant?.values ?? [])]).toEqual([0, 1, -2, third, 2 ** -24, 65_504, Infinity])
})
