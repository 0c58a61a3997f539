import { describe, expect, it } from 'vitest'
import {
  type Encoding,
  EncodingError,
  encodedWidth,
  encodeRow,
  encodingSchema,
} from './encoding.js'

const encoding: Encoding = [
  { kind: 'choice', feature: 'sex', optional: false, levels: { female: -1, male: 1 } },
  {
    kind: 'number',
    feature: 'alp',
    optional: false,
    transform: 'log',
    mean: 4,
    scale: 0.5,
    clip: 4,
  },
  {
    kind: 'number',
    feature: 'bmi',
    optional: true,
    transform: 'identity',
    mean: 26,
    scale: 4,
    clip: 3,
  },
]

function encoded(values: Record<string, number | string | boolean>, columns = encoding) {
  const out = new Float64Array(encodedWidth(columns))
  encodeRow(columns, values, out)
  return [...out]
}

describe('encodeRow', () => {
  it('standardises what was measured', () => {
    expect(encoded({ sex: 'male', alp: Math.exp(4.5), bmi: 30 })).toEqual([1, 1, 1, 0])
  })

  it('marks what was not measured, apart from the mean', () => {
    expect(encoded({ sex: 'female', alp: Math.exp(4) })).toEqual([-1, 0, 0, 1])
    expect(encoded({ sex: 'female', alp: Math.exp(4), bmi: 26 })).toEqual([-1, 0, 0, 0])
  })

  it('holds extremes at the clip', () => {
    expect(encoded({ sex: 'female', alp: 900, bmi: 100 })).toEqual([-1, 4, 3, 0])
  })

  it('gives a feature of several columns one indicator', () => {
    const work = (level: string) =>
      ({
        kind: 'choice',
        feature: 'work',
        optional: true,
        levels: { employed: 0, looking: 0, none: 0, [level]: 1 },
      }) as const
    const columns: Encoding = [work('looking'), work('none')]
    expect(encoded({ work: 'employed' }, columns)).toEqual([0, 0, 0])
    expect(encoded({ work: 'none' }, columns)).toEqual([0, 1, 0])
    expect(encoded({}, columns)).toEqual([0, 0, 1])
    expect(() => encoded({ work: 'retired' }, columns)).toThrow(
      new EncodingError('work is missing or not a choice'),
    )
  })

  it('reads a choice without a word about being optional as one that is not', () => {
    const [column] = encodingSchema.parse([{ kind: 'choice', feature: 'sex', levels: { a: 1 } }])
    expect(column?.optional).toBe(false)
  })

  it.each([
    [{ sex: 'female' }, 'alp is missing or not a number'],
    [{ sex: 'other', alp: 60 }, 'sex is missing or not a choice'],
    [{ sex: 'male', alp: Number.NaN }, 'alp is missing or not a number'],
    [{ sex: 'male', alp: 60, bmi: 'high' }, 'bmi is missing or not a number'],
  ])('refuses %j', (values, message) => {
    expect(() => encoded(values)).toThrow(new EncodingError(message))
  })
})
