import { InvalidInputError } from '@presage/domain/errors'
import { loadCatalogue } from '@presage/models/card/load-catalogue'
import { expect, it } from 'vitest'
import { requestOfItem } from './request-of-item.js'

const catalogue = await loadCatalogue()

it('reads an item as PredictInput is written', () => {
  const features = { age: 50, sex: 'FEMALE', albumin: { value: 42, unit: 'G_PER_L' } }
  expect(requestOfItem(catalogue, { bioAge: { variant: 'NETWORK', features } })).toEqual({
    ...{ model: 'bio-age', version: null, variant: 'network' },
    features: { ...features, sex: 'female' },
  })
  expect(requestOfItem(catalogue, { bioAge: { features: {} } }).variant).toBe('phenoage')
})

it.each([
  ['no object', null],
  ['a list', [1]],
  ['empty', {}],
  ['of an unknown model', { horoscope: { features: {} } }],
  ['of two models', { bioAge: { features: {} }, other: {} }],
  ['without features', { bioAge: {} }],
  ['of an unknown variant', { bioAge: { variant: 'phenoage', features: {} } }],
  ['of an inherited key', { constructor: { features: {} } }],
])('refuses an item that is %s', (_what, item) => {
  expect(() => requestOfItem(catalogue, item)).toThrow(InvalidInputError)
})
