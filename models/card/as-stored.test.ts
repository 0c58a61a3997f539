import { describe, expect, it } from 'vitest'
import { asStored } from './as-stored.js'
import { cardSchema } from './card-schema.js'
import { sampleCard } from './sample-card.js'

const card = cardSchema.parse(sampleCard())

describe('asStored', () => {
  it('leaves out what is null, makes each unit explicit, and keeps all else, whatever it is', () => {
    const raw = { albumin: { value: 900 }, sex: 'unknown', visits: null, shoe: { value: 44 } }
    expect(asStored(card, raw)).toEqual({
      albumin: { value: 900, unit: 'G_PER_DL' },
      sex: 'unknown',
      shoe: { value: 44 },
    })
  })

  it('is the same for a unit that is named, null or left out', () => {
    const sent = [{ unit: 'G_PER_DL' }, { unit: null }, {}]
    const stored = sent.map((unit) => asStored(card, { albumin: { value: 4.2, ...unit } }))
    expect(new Set(stored.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(asStored(card, { albumin: { value: 42, unit: 'G_PER_L' } })).toEqual({
      albumin: { value: 42, unit: 'G_PER_L' },
    })
  })

  it('is stored again as it is', () => {
    const stored = asStored(card, { albumin: { value: 4.2 }, sex: 'male' })
    expect(asStored(card, stored)).toEqual(stored)
  })
})
