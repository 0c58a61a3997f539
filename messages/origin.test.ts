import { expect, it } from 'vitest'
import { originOfHeaders } from './origin.js'

const of = (headers: Record<string, string>) =>
  originOfHeaders({ get: (name) => headers[name] ?? '' })

it('reads where a job comes from, and nothing that could not be written into a log', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  expect(of({ 'x-request-id': 'r-1', traceparent })).toEqual({ correlationId: 'r-1', traceparent })
  expect(of({ 'x-request-id': 'r-1' })).toEqual({ correlationId: 'r-1' })
  expect(of({ 'x-request-id': 'r\n1' })).toBeUndefined()
  expect(of({ 'x-request-id': 'r'.repeat(65) })).toBeUndefined()
  expect(of({ 'x-request-id': 'r-1', traceparent: 'what' })).toBeUndefined()
  expect(originOfHeaders(undefined)).toBeUndefined()
})
