import { describe, expect, it } from 'vitest'
import { cardSchema } from './card-schema.js'
import { sampleCard } from './sample-card.js'
import { helpLinesAt } from './support-schema.js'

const lines = ['en-US', 'en-GB', 'de-DE', 'de-CH', 'fr-CH'].map((locale) => ({
  locale,
  name: `Line ${locale}`,
  contact: '1',
}))
const localesAt = (place: string) => helpLinesAt(lines, place).map(({ locale }) => locale)

describe('helpLinesAt', () => {
  it.each([
    ['en-GB', ['en-GB']],
    ['fr-CH', ['fr-CH', 'de-CH']],
    ['it-CH', ['de-CH', 'fr-CH']],
    ['zh-Hant-US', ['en-US']],
    ['de_de', ['de-DE']],
    ['de', ['de-DE', 'de-CH']],
    ['fr-BE', []],
    ['', []],
  ])('finds the lines that answer at %s', (place, locales) => {
    expect(localesAt(place)).toEqual(locales)
  })
})

describe('the support of a card', () => {
  const questionnaire = {
    title: 'Q',
    citation: 'C',
    question: 'How often?',
    items: ['A', 'B'],
    choices: [
      { title: 'Never', score: 0 },
      { title: 'Often', score: 1 },
    ],
    bands: [{ title: 'Few', below: 1 }, { title: 'Many' }],
    urgentItem: 2,
  }
  const problems = (changes: object) => {
    const support = {
      notice: 'N',
      questionnaire: { ...questionnaire, ...changes },
      helpLines: lines,
      directory: { name: 'All', url: 'https://example.com' },
    }
    const parsed = cardSchema.safeParse({ ...sampleCard(), support })
    return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.map(String).join('.'))
  }

  it('is accepted when it is whole', () => {
    expect(problems({})).toEqual([])
  })

  it('names bands that do not cut the sums in order, and an item there is none of', () => {
    const at = 'support.questionnaire'
    expect(problems({ bands: [{ title: 'Few' }, { title: 'Many' }] })).toEqual([
      `${at}.bands.0.below`,
    ])
    const falling = [{ title: 'A', below: 4 }, { title: 'B', below: 3 }, { title: 'C' }]
    expect(problems({ bands: falling })).toEqual([`${at}.bands.1.below`])
    expect(problems({ urgentItem: 3 })).toEqual([`${at}.urgentItem`])
  })
})
