import { describe, expect, it } from 'vitest'
import { payloadOf } from './payload-of.js'
import type { Refusal } from './refusal.js'
import {
  InsufficientFundsError,
  InvalidInputError,
  NotFoundError,
  RefusedError,
} from './refused-error.js'

const thrownBy = (refusal: Refusal): unknown => {
  try {
    return payloadOf(refusal)
  } catch (error) {
    return error
  }
}

describe('a result', () => {
  it('is its payload', () => {
    const payload = { __typename: 'PredictPayload', replayed: false } as const
    expect(payloadOf(payload)).toBe(payload)
  })

  it('is thrown as the class of its type, with what the schema tells', () => {
    const error = thrownBy({
      __typename: 'InsufficientFundsError',
      code: 'INSUFFICIENT_FUNDS',
      message: 'It costs 3.',
      required: 3,
      available: 1,
    })
    expect(error).toBeInstanceOf(InsufficientFundsError)
    expect(error).toMatchObject({
      name: 'InsufficientFundsError',
      code: 'INSUFFICIENT_FUNDS',
      message: 'It costs 3.',
      required: 3,
      available: 1,
    })
  })

  it('names every issue of an input', () => {
    const issue = { path: ['age'], message: '?', unit: 'years', min: 18, max: 110, choices: null }
    const refusal = { code: 'INVALID_INPUT', message: 'age', issues: [issue] }
    const error = thrownBy({ __typename: 'InvalidInputError', ...refusal })
    expect(error).toBeInstanceOf(InvalidInputError)
    expect(error).toMatchObject({ issues: [issue] })
    expect(error).not.toBeInstanceOf(NotFoundError)
  })

  it('is a plain refusal when a newer server has an error that this package does not know', () => {
    const newer = { __typename: 'MoonPhaseError', code: 'MOON', message: 'Full.' }
    const error = thrownBy(newer as unknown as Refusal)
    expect(error).toBeInstanceOf(RefusedError)
    expect(error).toMatchObject({ name: 'MoonPhaseError', code: 'MOON', message: 'Full.' })
  })
})
