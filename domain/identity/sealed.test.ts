import { describe, expect, it } from 'vitest'
import { seal, unseal } from './sealed.js'
import { tokenKey } from './token-keys.js'

const spring = tokenKey('spring', 'spring'.repeat(8))
const summer = tokenKey('summer', 'summer'.repeat(8))
const plain = Buffer.from('a secret of twenty b')

describe('what is sealed', () => {
  it('is read again, also after its key was replaced', () => {
    const sealed = seal({ current: spring, others: [] }, plain, 'ada')
    expect(Buffer.from(sealed.bytes).includes(plain)).toBe(false)
    expect(unseal({ current: summer, others: [spring] }, sealed, 'ada')).toEqual(plain)
  })

  it('is not read without its key, for another owner, or when it was changed', () => {
    const keys = { current: spring, others: [] }
    const sealed = seal(keys, plain, 'ada')
    expect(() => unseal({ current: summer, others: [] }, sealed, 'ada')).toThrow('data key spring')
    expect(() => unseal(keys, sealed, 'bob')).toThrow()
    const bytes = sealed.bytes.map((byte, i) => (i === 15 ? byte ^ 1 : byte))
    expect(() => unseal(keys, { ...sealed, bytes }, 'ada')).toThrow()
  })

  it('differs each time', () => {
    const keys = { current: spring, others: [] }
    expect(seal(keys, plain, 'ada').bytes).not.toEqual(seal(keys, plain, 'ada').bytes)
  })
})
