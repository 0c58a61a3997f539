import { describe, expect, it } from 'vitest'
import { InvalidInputError } from '../errors.js'
import { type Credentials, emailKey, parseCredentials, plausible } from './credentials.js'

const good = { email: 'ada@example.com', password: 'a long password' }

function faultsOf(raw: Credentials): string[] {
  try {
    parseCredentials(raw)
    return []
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error
    return error.issues.map((issue) => issue.path.join('.'))
  }
}

describe('credentials', () => {
  it('are an e-mail, blanks around it dropped, and a password as it is', () => {
    expect(parseCredentials({ email: ' Ada@Example.com ', password: ' 10 chars ' })).toEqual({
      email: 'Ada@Example.com',
      password: ' 10 chars ',
    })
  })

  it.each(['', 'ada', 'ada@', '@example.com', 'a b@example.com', `${'a'.repeat(250)}@example.com`])(
    'refuse %j as an e-mail',
    (email) => {
      expect(faultsOf({ ...good, email })).toContain('email')
      expect(plausible({ ...good, email })).toBe(false)
    },
  )

  it('take passwords of 10 to 200 characters', () => {
    const faults = [9, 10, 200, 201].map((n) => faultsOf({ ...good, password: 'x'.repeat(n) }))
    expect(faults).toEqual([['password'], [], [], ['password']])
  })

  it('name every fault together', () => {
    expect(faultsOf({ email: 'ada', password: 'short' })).toEqual(['email', 'password'])
  })

  it('are found by e-mail in any case', () => {
    expect(emailKey(' Ada@EXAMPLE.com')).toBe('ada@example.com')
  })
})
