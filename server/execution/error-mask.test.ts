import { NotFoundError } from '@presage/domain/errors'
import { GraphQLError } from 'graphql'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { ErrorMask } from './error-mask.js'

function masked(error: unknown, correlationId?: string) {
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'info' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const { message, extensions, path } = new ErrorMask(log).mask(error, { correlationId })
  return { message, extensions, path, lines }
}
const inField = (originalError: Error) =>
  new GraphQLError(originalError.message, { originalError, path: ['viewer'] })

describe('an error as a caller sees it', () => {
  it('is GraphQL’s own as it is', () => {
    const error = new GraphQLError('Log in first.', { extensions: { code: 'UNAUTHENTICATED' } })
    expect(masked(inField(error)).message).toBe('Log in first.')
    expect(masked(error)).toMatchObject({ extensions: { code: 'UNAUTHENTICATED' }, lines: [] })
  })

  it('is bad input when a library refuses an argument without a code', () => {
    const { message, extensions } = masked(new GraphQLError('Invalid global ID: x'))
    expect([message, extensions]).toEqual(['Invalid global ID: x', { code: 'BAD_USER_INPUT' }])
  })

  it('is the domain’s with its code', () => {
    expect(masked(inField(new NotFoundError('No such prediction.')))).toMatchObject({
      message: 'No such prediction.',
      extensions: { code: 'NOT_FOUND' },
      path: ['viewer'],
      lines: [],
    })
  })

  it('hides anything else behind the id under which it is logged', () => {
    const { message, extensions, path, lines } = masked(inField(new Error('secret')), 'abc')
    expect(JSON.stringify([message, extensions])).not.toContain('secret')
    expect(extensions).toEqual({ code: 'INTERNAL', correlationId: 'abc' })
    expect(path).toEqual(['viewer'])
    expect(lines).toMatchObject([{ correlationId: 'abc', err: { message: 'secret' } }])
  })

  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['a server that shuts down', Object.assign(new Error('bye'), { code: '57P01' })],
    ['too many connections', Object.assign(new Error('sorry'), { code: '53300' })],
    ['a pool without a free one', new Error('timeout exceeded when trying to connect')],
    ['a connection that broke', new Error('Connection terminated unexpectedly')],
    ['a database that Prisma cannot reach', Object.assign(new Error('x'), { code: 'P1001' })],
  ])('is UNAVAILABLE for %s', (_what, error) => {
    expect(masked(inField(error)).extensions).toEqual({ code: 'UNAVAILABLE' })
  })

  it('is not UNAVAILABLE for a statement that is wrong', () => {
    const error = Object.assign(new Error('no such column'), { code: '42703' })
    expect(masked(inField(error)).extensions.code).toBe('INTERNAL')
  })
})
