import { describe, expect, it } from 'vitest'
import { cardSchema } from './card-schema.js'
import { contractSchema } from './contract.js'
import { sampleCard } from './sample-card.js'
import { successionFaults } from './succession.js'

type Sample = ReturnType<typeof sampleCard>

/** The faults of a newer sample card that was changed like this. */
function faultsOf(change: (card: Sample) => object): string[] {
  const newer = { ...sampleCard(), version: '1.1.0' }
  return successionFaults(
    cardSchema.parse(sampleCard()),
    cardSchema.parse({ ...newer, ...change(newer) }),
  )
}

const withFeature = (name: string, change: object) => (card: Sample) => ({
  features: card.features.map((it) => (it.name === name ? { ...it, ...change } : it)),
})

describe('a newer version', () => {
  it('may add optional features, choices, units and variants, and widen ranges', () => {
    expect(faultsOf(withFeature('albumin', { min: 0.5, max: 8 }))).toEqual([])
    expect(faultsOf(withFeature('sex', { choices: ['female', 'male', 'other'] }))).toEqual([])
    expect(faultsOf(withFeature('albumin', { required: false }))).toEqual([])
    const added = { name: 'height', title: 'Height', type: 'float', min: 1, max: 3, example: 2 }
    const features = (required: boolean) => (card: Sample) => ({
      features: [...card.features, { ...added, required }],
    })
    expect(faultsOf(features(false))).toEqual([])
    expect(faultsOf(features(true))).toEqual(['feature height: is new and must be optional'])
    expect(
      faultsOf(({ variants: [plain, ...more] }) => ({
        variants: [plain, ...more, { ...plain, name: 'new' }],
      })),
    ).toEqual([])
  })

  it.each([
    ['min must be 1 at most', withFeature('albumin', { min: 2, example: 3 })],
    ['max must be 7 at least', withFeature('albumin', { max: 6 })],
    ['was optional and must stay so', withFeature('visits', { required: true })],
    ['was a int', withFeature('visits', { type: 'float' })],
    ['the choice male must stay', withFeature('sex', { choices: ['female', 'other'] })],
    ['units cannot be brought in or dropped', withFeature('albumin', { units: undefined })],
    ['its unit was years', withFeature('age', { unit: 'months' })],
    [
      'is missing',
      (card: Sample) => ({ features: card.features.filter((it) => it.name !== 'visits') }),
    ],
  ])('is refused when of a feature %s', (fault, change) => {
    expect(faultsOf(change)).toEqual([
      expect.stringMatching(new RegExp(`^feature \\w+: ${fault}$`)),
    ])
  })

  it('is refused when it answers in other terms, or runs another variant by default', () => {
    expect(faultsOf(() => ({ output: { title: 'Result', unit: 'months' } }))).toEqual([
      'output: must stay as it was: ["regression","years"]',
    ])
    expect(faultsOf(({ variants }) => ({ variants: [...variants].reverse() }))).toEqual([
      'variants: plain must stay the first, which is run by default',
    ])
    expect(
      faultsOf(({ variants: [plain, ...more] }) => ({
        variants: [{ ...plain, requires: ['age'] }, ...more],
      })),
    ).toEqual(['variant plain: must not require age, which was optional'])
  })
})

it('is judged alike by what was kept of a card', () => {
  const card = cardSchema.parse(sampleCard())
  const kept = contractSchema.parse(JSON.parse(JSON.stringify(contractSchema.parse(card))))
  expect(JSON.stringify(kept)).not.toContain('A model for tests')
  expect(successionFaults(kept, card)).toEqual([])
  const fewer = cardSchema.parse({ ...sampleCard(), features: sampleCard().features.slice(1) })
  expect(successionFaults(kept, fewer)).toEqual(successionFaults(card, fewer))
  expect(successionFaults(kept, fewer)).toContain('feature albumin: is missing')
})
