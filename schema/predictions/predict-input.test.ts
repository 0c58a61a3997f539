import { InvalidInputError } from '@presage/domain/errors'
import { GraphQLInputObjectType, GraphQLNonNull } from 'graphql'
import { describe, expect, it } from 'vitest'
import { buildSchema } from '../schema.js'
import { shippedCatalogue } from '../shipped-catalogue.js'
import { implementPredictInput, requestOf } from './predict-input.js'

const catalogue = await shippedCatalogue()

const inputType = (name: string): GraphQLInputObjectType => {
  const type = buildSchema(catalogue).getType(name)
  if (!(type instanceof GraphQLInputObjectType)) throw new Error(`${name} is no input object`)
  return type
}

describe('PredictInput', () => {
  it('has one key for each model on sale, of which a caller sends one', () => {
    const type = inputType('PredictInput')
    expect(type.isOneOf).toBe(true)
    expect(Object.keys(type.getFields())).toContain('bioAge')
  })

  it('says of each feature what the card says: needed or not, range, unit', () => {
    const { albumin, bmi } = inputType('BioAgeFeatures').getFields()
    expect(albumin?.type).toBeInstanceOf(GraphQLNonNull)
    expect(albumin?.description).toMatch(/Albumin, 1 to 7 g\/dL/)
    expect(bmi?.type).not.toBeInstanceOf(GraphQLNonNull)
  })

  it('runs the first variant of the card when none is named', () => {
    const features = { albumin: { value: 4 } }
    expect(requestOf(catalogue, { bioAge: { features } })).toEqual({
      model: 'bio-age',
      variant: catalogue.model('bio-age')?.card.variants[0]?.name,
      features,
    })
  })

  it('refuses an input that names no model', () => {
    expect(() => requestOf(catalogue, {})).toThrow(InvalidInputError)
  })

  it('does not start when a model would take a name of the API’s own', () => {
    const [model] = catalogue.models
    if (!model) throw new Error('no model is installed')
    for (const name of ['predict', 'run']) {
      const models = [{ ...model, card: { ...model.card, name } }]
      expect(() => implementPredictInput({ ...catalogue, models })).toThrow(
        new RegExp(`the model ${name} would be ${name}input in the API`, 'i'),
      )
    }
  })
})
