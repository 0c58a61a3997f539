import { describe, expect, it } from 'vitest'
import { cardSchema } from './card-schema.js'
import { fromCanonical, toCanonical } from './feature-schema.js'
import { sampleCard } from './sample-card.js'

const problemsOf = (change: (card: ReturnType<typeof sampleCard>) => void) => {
  const card = sampleCard()
  change(card)
  const parsed = cardSchema.safeParse(card)
  return parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

describe('cardSchema', () => {
  it('accepts a complete card', () => {
    expect(problemsOf(() => undefined)).toEqual([])
  })

  it('names a misspelt key', () => {
    expect(problemsOf((card) => Object.assign(card, { pricee: 1 })).join()).toContain('pricee')
  })

  it('wants the first unit to be the one values are computed in', () => {
    const problems = problemsOf((card) => {
      card.features[0]?.units?.reverse()
    })
    expect(problems).toEqual([
      'features.0.units.0: the first unit is the canonical one: factor 1 and no offset',
    ])
  })

  it('wants an example inside the range', () => {
    const problems = problemsOf((card) => Object.assign(card.features[0] ?? {}, { example: 70 }))
    expect(problems).toEqual(['features.0.example: must be a number from 1 to 7'])
  })

  it('wants a file as the example of an upload', () => {
    const photo = { name: 'photo', title: 'Photo', type: 'upload', required: true }
    const problems = (example: string) =>
      problemsOf((card) =>
        Object.assign(card, { features: [...card.features, { ...photo, example }] }),
      )
    expect(problems('golden/portrait.jpg')).toEqual([])
    expect(problems('../portrait.jpg')).toEqual([
      'features.5.example: must be a file below the folder of the card',
    ])
  })

  it('refuses a variant that requires an unknown feature', () => {
    const problems = problemsOf((card) => card.variants[0]?.requires.push('agee'))
    expect(problems).toEqual(['variants.0.requires: no feature is called agee'])
  })

  it('wants the ends of an interval in its sentence', () => {
    const interval = { level: 0.9, meaning: '90 % are aged {low} and more' }
    const problems = problemsOf((card) => Object.assign(card.variants[0] ?? {}, { interval }))
    expect(problems).toEqual(['variants.0.interval.meaning: must name {low} and then {high}'])
  })

  it('refuses two features of one name', () => {
    const problems = problemsOf((card) => card.features.push(...card.features.slice(0, 1)))
    expect(problems).toEqual(['features: albumin is named twice'])
  })

  it('refuses an artifact outside the folder of the card', () => {
    const problems = problemsOf((card) =>
      Object.assign(card.variants[0] ?? {}, { artifact: '../other/model.json' }),
    )
    expect(problems).toEqual(['variants.0.artifact: must not leave the folder of the card'])
  })

  it('names the features of an input set by their groups', () => {
    const card = sampleCard()
    Object.assign(card.features[0] ?? {}, { group: 'core' })
    Object.assign(card.features[2] ?? {}, { group: 'core' })
    const metrics = [{ name: 'mae', value: 1, rows: 2 }]
    const inputSets = [{ name: 'core', title: 'Core', groups: ['core'], metrics }]
    Object.assign(card.variants[0] ?? {}, { inputSets })
    const [variant] = cardSchema.parse(card).variants
    expect(variant?.inputSets[0]?.features).toEqual(['albumin', 'sex'])
  })

  it('permits counterfactuals where something can be changed, and never of health', () => {
    const permit = (changes: object) =>
      problemsOf((card) => Object.assign(card, { counterfactual: true, ...changes }))
    expect(permit({})).toEqual([
      'counterfactual: no feature is mutable, so nothing could be changed',
    ])
    const features = sampleCard().features.map((feature) => ({ ...feature, mutable: true }))
    expect(permit({ features })).toEqual([])
    expect(
      permit({ features, healthData: { consentVersion: 1, consentText: 'I agree.' } }),
    ).toEqual(['counterfactual: a model of health tells nobody what to change'])
  })

  it('refuses a choice without choices', () => {
    const problems = problemsOf((card) => Object.assign(card.features[1] ?? {}, { type: 'choice' }))
    expect(problems.join()).toContain('a choice, and only a choice, lists its choices')
  })
})

describe('units', () => {
  const perMol = { symbol: 'mmol/mol', name: 'MMOL_PER_MOL', factor: 0.09148, offset: 2.152 }

  it('convert with an offset, there and back', () => {
    expect(toCanonical(perMol, 53)).toBeCloseTo(7.0, 2)
    expect(fromCanonical(perMol, toCanonical(perMol, 53))).toBeCloseTo(53, 10)
  })
})
