import { describe, expect, it } from 'vitest'
import { errorOfFaults } from './error-of-faults.js'
import { InvalidInputError, NotFoundError } from './refused-error.js'
import { RequestError } from './request-error.js'
import { UnauthenticatedError } from './unauthenticated-error.js'

describe('GraphQL errors', () => {
  it('about the shape of an input become one error with an issue for each', () => {
    const at = (name: string) => ['input', 'bioAge', 'features', name]
    const error = errorOfFaults([
      {
        message: 'no number',
        extensions: { code: 'BAD_USER_INPUT', path: at('age'), unit: 'years', min: 18, max: 110 },
      },
      { message: 'missing', extensions: { code: 'BAD_USER_INPUT', path: at('sex') } },
    ])
    expect(error).toBeInstanceOf(InvalidInputError)
    expect(error).toMatchObject({
      issues: [
        { path: ['age'], message: 'no number', unit: 'years', min: 18, max: 110, choices: null },
        { path: ['sex'], message: 'missing', unit: null, min: null, max: null, choices: null },
      ],
    })
  })

  it('without a session ask for one', () => {
    const fault = { message: 'Log in first.', extensions: { code: 'UNAUTHENTICATED' } }
    expect(errorOfFaults([fault])).toBeInstanceOf(UnauthenticatedError)
  })

  it('about something that is not there are as when it is data', () => {
    const fault = { message: 'None.', extensions: { code: 'NOT_FOUND' } }
    expect(errorOfFaults([fault])).toBeInstanceOf(NotFoundError)
  })

  it('of the server carry the id under which they are logged', () => {
    const extensions = { code: 'INTERNAL', correlationId: 'c-1' }
    const error = errorOfFaults([{ message: 'Sorry.', path: ['predict'], extensions }])
    expect(error).toBeInstanceOf(RequestError)
    expect(error).toMatchObject({ code: 'INTERNAL', correlationId: 'c-1', path: ['predict'] })
  })

  it('that are none still are an error', () => {
    expect(errorOfFaults([])).toMatchObject({ code: 'UNKNOWN' })
  })
})
