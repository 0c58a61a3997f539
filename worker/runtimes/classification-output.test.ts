import { cardSchema } from '@presage/models/card/card-schema'
import { sampleCard } from '@presage/models/card/sample-card'
import { describe, expect, it } from 'vitest'
import { classificationOutput } from './classification-output.js'

const { output: _, variants, ...shape } = sampleCard()
const card = cardSchema.parse({
  ...shape,
  task: 'classification',
  variants: variants.map((variant) => ({ ...variant, measures: ['rating', 'other'] })),
  measures: [
    { name: 'rating', title: 'Rating', unit: 'of 1', of: 'complement', decimals: 2 },
    { name: 'other', title: 'Other', unit: 'x' },
  ],
  output: {
    title: 'Default',
    labels: { positive: 'default', negative: 'paid' },
    threshold: 0.4,
    bands: [
      { name: 'low', title: 'Low', below: 0.1 },
      { name: 'medium', title: 'Medium', below: 0.4 },
      { name: 'high', title: 'High' },
    ],
    meaning: 'Of 100 such clients about {count} default ({percent} %).',
  },
})
const [variant] = card.variants
const output = (probability: number) => {
  if (card.task !== 'classification' || !variant) throw new Error('a classification was expected')
  const value = Math.log(probability / (1 - probability))
  return classificationOutput(card, variant, { value, measures: { other: 1.234, unknown: 1 } })
}

describe('classificationOutput', () => {
  it('tells the probability, its label and band, and what it means', () => {
    expect(output(0.123)).toEqual({
      kind: 'classification',
      label: 'paid',
      probability: expect.closeTo(0.123, 12),
      threshold: 0.4,
      band: 'medium',
      meaning: 'Of 100 such clients about 12 default (12.3 %).',
      measures: [
        { name: 'rating', title: 'Rating', unit: 'of 1', value: 0.88 },
        { name: 'other', title: 'Other', unit: 'x', value: 1.234 },
      ],
    })
  })

  it('begins a band at its threshold', () => {
    expect(output(0.0999)).toMatchObject({ band: 'low', label: 'paid' })
    expect(output(0.1001)).toMatchObject({ band: 'medium' })
    expect(output(0.4001)).toMatchObject({ band: 'high', label: 'default' })
    expect(output(0.999999)).toMatchObject({ band: 'high' })
  })
})
