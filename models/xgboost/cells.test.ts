import { expect, it } from 'vitest'
import { cardSchema } from '../card/card-schema.js'
import { sampleCard } from '../card/sample-card.js'
import { cellReader } from './cells.js'

const { features } = cardSchema.parse(sampleCard())
const cells = cellReader(['ratio', 'smoker', 'sex', 'age'], features)

it('reads numbers, flags, choices by their place, and derived columns', () => {
  expect(cells({ age: 50, sex: 'male', smoker: true, ratio: 0.5 })).toEqual([0.5, 1, 1, 50])
  expect(cells({ age: 0, sex: 'female', smoker: false })).toEqual([Number.NaN, 0, 0, 0])
})

it('takes what is not sent, and no choice of the card, for missing', () => {
  expect(cells({})).toEqual([Number.NaN, Number.NaN, Number.NaN, Number.NaN])
  expect(cells({ sex: 'neither' })[2]).toBeNaN()
})
