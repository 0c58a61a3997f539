import { describe, expect, it } from 'vitest'
import { UnavailableError } from '../errors.js'
import { isDefinite, untilDecided } from './database-errors.js'

const errorOf = (code?: string) => Object.assign(new Error('no'), code ? { code } : {})

describe('isDefinite', () => {
  it.each([
    ['a violated constraint', '23505', true],
    ['a deadlock', '40P01', true],
    ['a lost connection', '08006', false],
    ['a shutdown', '57P01', false],
    ['too many connections', '53300', false],
    ['a socket that was reset', 'ECONNRESET', false],
    ['a pipe that was broken', 'EPIPE', false],
    ['an error that a function raised', 'P0001', true],
    ['Prisma that finds no server', 'P1001', false],
    ['an error without a code', undefined, false],
  ])('of %s', (_what, code, definite) => {
    expect(isDefinite(errorOf(code))).toBe(definite)
  })
})

describe('untilDecided', () => {
  /** Fails with each error in turn, then answers how often it was asked. */
  const after = (...errors: Error[]) => {
    let asked = 0
    return async () => {
      const error = errors[asked++]
      if (error) throw error
      return asked
    }
  }

  it('asks again while the answer is in doubt or rolled back', async () => {
    const statement = after(errorOf('57P01'), errorOf(), errorOf('40001'))
    expect(await untilDecided(statement, 60_000)).toBe(4)
  })

  it('asks once when the database refuses the statement', async () => {
    const statement = after(errorOf('23514'))
    await expect(untilDecided(statement, 60_000)).rejects.toThrow('no')
    expect(await statement()).toBe(2)
  })

  it('says that the database is away when it stays away', async () => {
    const away = () => Promise.reject(errorOf('ECONNREFUSED'))
    await expect(untilDecided(away, 0)).rejects.toThrow(UnavailableError)
  })
})
