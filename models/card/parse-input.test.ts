import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cardSchema } from './card-schema.js'
import { parseInput } from './parse-input.js'
import { sampleCard } from './sample-card.js'

const card = cardSchema.parse(sampleCard())
const sound = { albumin: { value: 4.2 }, sex: 'female' }
const issuesOf = (raw: Record<string, unknown>, variant = 'plain') => {
  const parsed = parseInput(card, variant, raw)
  return parsed.ok ? [] : parsed.issues
}

describe('parseInput', () => {
  it('gives values in first units and keeps what was sent', () => {
    const raw = { albumin: { value: 42, unit: 'G_PER_L' }, sex: 'male', visits: 3, smoker: false }
    const parsed = parseInput(card, 'plain', raw)
    expect(parsed).toMatchObject({
      ok: true,
      values: { sex: 'male', visits: 3, smoker: false },
      stored: { albumin: { value: 42, unit: 'G_PER_L' }, sex: 'male', visits: 3, smoker: false },
    })
    if (parsed.ok) expect(parsed.values.albumin).toBeCloseTo(4.2, 12)
  })

  it('makes the unit explicit when it was left out', () => {
    const parsed = parseInput(card, 'plain', sound)
    expect(parsed).toMatchObject({ stored: { albumin: { value: 4.2, unit: 'G_PER_DL' } } })
  })

  it('asks for the unit when the value makes sense in another', () => {
    expect(issuesOf({ ...sound, albumin: { value: 42 } })).toEqual([
      {
        path: ['albumin'],
        message:
          'Albumin must be from 1 to 7 g/dL; 42 was sent. In g/L it is plausible: send unit G_PER_L.',
        unit: 'g/dL',
        min: 1,
        max: 7,
      },
    ])
  })

  it('reports the range in the unit the caller used', () => {
    expect(issuesOf({ ...sound, albumin: { value: 420, unit: 'G_PER_L' } })).toEqual([
      {
        path: ['albumin'],
        message: 'Albumin must be from 10 to 70 g/L; 420 was sent.',
        unit: 'g/L',
        min: 10,
        max: 70,
      },
    ])
  })

  it('accepts the ends of the range in every unit', () => {
    for (const value of [10, 70])
      expect(issuesOf({ ...sound, albumin: { value, unit: 'G_PER_L' } })).toEqual([])
  })

  it('names the units there are when it is sent another', () => {
    expect(issuesOf({ ...sound, albumin: { value: 4, unit: 'KG' } })).toEqual([
      {
        path: ['albumin', 'unit'],
        message: 'Albumin is measured in G_PER_DL, G_PER_L; not in KG.',
        choices: ['G_PER_DL', 'G_PER_L'],
      },
    ])
  })

  it('reports every issue at once', () => {
    const issues = issuesOf({ visits: 1.5, sex: 'x', smoker: 'no', weight: 3, age: 200 }, 'aged')
    expect(issues.map((issue) => issue.message)).toEqual([
      'Sample has no feature called weight.',
      'Albumin must be given: a number from 1 to 7 g/dL.',
      'Visits must be a whole number from 0 to 10.',
      'Sex must be one of female, male.',
      'Smoker must be true or false.',
      'Age must be from 18 to 110 years; 200 was sent.',
    ])
  })

  it('tells of the first unknown names, cut, and counts the others', () => {
    const names = Array.from({ length: 40_000 }, (_, i) => `${'x'.repeat(59)}😀${i}`)
    const unknown = issuesOf({ ...sound, ...Object.fromEntries(names.map((name) => [name, 1])) })
    expect(unknown).toHaveLength(21)
    expect(unknown[0]?.path).toEqual([`${'x'.repeat(59)}…`])
    expect(unknown[20]).toMatchObject({ path: [], message: expect.stringContaining('39980 more') })
  })

  it('takes null for not sent, and still wants what the variant requires', () => {
    expect(issuesOf({ ...sound, age: null })).toEqual([])
    expect(issuesOf({ ...sound, age: null }, 'aged')).toMatchObject([
      { path: ['age'], message: 'Age must be given for Aged: a number from 18 to 110 years.' },
    ])
  })

  it('lists the variants when it is asked for another', () => {
    expect(issuesOf(sound, 'forest')).toMatchObject([
      { path: ['variant'], choices: ['plain', 'aged'] },
    ])
  })

  it('is not fooled by inherited names', () => {
    expect(issuesOf({ ...sound, constructor: 1 })).toHaveLength(1)
  })

  it('never lets a value out of range through, whatever is sent', () => {
    const anything = fc.oneof(fc.anything(), fc.double(), fc.record({ value: fc.double() }))
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('albumin', 'age', 'sex'), anything), (raw) => {
        const parsed = parseInput(card, 'plain', raw)
        if (!parsed.ok) return parsed.issues.length > 0
        return Number(parsed.values.albumin) <= 7.0001 && Number(parsed.values.albumin) >= 0.9999
      }),
    )
  })
})

describe('a figure on request', () => {
  const measure = {
    name: 'risk',
    title: 'Risk',
    unit: 'probability',
    optIn: {
      feature: 'smoker',
      needs: [{ feature: 'age', min: 40 }],
      runtime: 'linear',
      artifact: 'risk.json',
      sha256: 'b'.repeat(64),
      metrics: [{ name: 'auc', value: 0.9, rows: 10 }],
    },
  }
  const { variants: [plain, aged] = [], ...rest } = sampleCard()
  const asking = cardSchema.parse({
    ...rest,
    measures: [measure],
    variants: [{ ...plain, measures: ['risk'] }, aged],
  })
  const issues = (variant: string, raw: object) => {
    const parsed = parseInput(asking, variant, { ...sound, ...raw })
    return parsed.ok ? [] : parsed.issues
  }

  it('wants what it needs, of those who ask', () => {
    expect(issues('plain', { smoker: true, age: 40 })).toEqual([])
    expect(issues('plain', {})).toEqual([])
    expect(issues('plain', { smoker: false, age: 39 })).toEqual([])
    const message = 'Risk is told only to some: Age must be given, from 40 years on.'
    const refusal = [{ path: ['smoker'], message, min: 40 }]
    expect(issues('plain', { smoker: true, age: 39.9 })).toEqual(refusal)
    expect(issues('plain', { smoker: true })).toEqual(refusal)
  })

  it('is refused by a variant that does not tell it', () => {
    expect(issues('aged', { smoker: true, age: 50 })).toEqual([
      { path: ['smoker'], message: 'Aged does not tell: Risk.' },
    ])
  })

  it('must be possible to ask for', () => {
    const { success, error } = cardSchema.safeParse({
      ...rest,
      measures: [
        {
          ...measure,
          optIn: { ...measure.optIn, feature: 'sex', needs: [{ feature: 'sex', min: 1 }] },
        },
      ],
      variants: [plain, aged],
    })
    expect(success).toBe(false)
    expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).toEqual([
      'measures.0.optIn.feature: sex must be a boolean feature that is not required',
      'measures.0.optIn.needs.0.feature: sex must be a feature that is a number',
    ])
  })
})
