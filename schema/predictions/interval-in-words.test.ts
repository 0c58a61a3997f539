import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { expect, it } from 'vitest'
import { intervalInWords } from './interval-in-words.js'

const variants = (await loadCatalogue()).model('bio-age')?.card.variants ?? []
const of = (name: string) => variants.find((variant) => variant.name === name)?.interval

it('speaks of completed years', () => {
  expect(intervalInWords(of('network'), { low: 37.6, high: 71.3 })).toBe(
    '90 % of people with such blood are aged 38 to 71.',
  )
})

it('has as many decimals as the card says', () => {
  const stated = { level: 0.9, meaning: '{low} to {high} mmol/L', decimals: 1 }
  expect(intervalInWords(stated, { low: 0.92, high: 4.19 })).toBe('1.0 to 4.1 mmol/L')
})

it('is absent where no interval is stated', () => {
  expect(intervalInWords(of('phenoage'), { low: 30, high: 60 })).toBeNull()
  expect(intervalInWords(of('network'), { low: null, high: null })).toBeNull()
})
