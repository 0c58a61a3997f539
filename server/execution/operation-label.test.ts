import { parse } from 'graphql'
import { expect, it } from 'vitest'
import { operationLabel } from './operation-label.js'

const labelOf = (query: string, name?: string) => operationLabel(parse(query), name)

it.each([
  ['query Whatever { x: viewer { id } }', { kind: 'query', field: 'viewer' }],
  ['{ a: viewer { id } b: viewer { id } }', { kind: 'query', field: 'viewer' }],
  ['{ models { id } viewer { id } }', { kind: 'query', field: 'several' }],
  ['{ __schema { types { name } } }', { kind: 'query', field: 'introspection' }],
  [
    'subscription { ...F } fragment F on S { wallet { id } }',
    { kind: 'subscription', field: 'wallet' },
  ],
  ['mutation { ... on Mutation { predict } }', { kind: 'mutation', field: 'predict' }],
])('labels %s by what the schema names, never by what the caller does', (query, label) => {
  expect(labelOf(query)).toEqual(label)
})

it('labels the operation that is meant', () => {
  const query = 'query A { models { id } } query B { viewer { id } }'
  expect(labelOf(query, 'B')).toEqual({ kind: 'query', field: 'viewer' })
  expect(labelOf(query)).toEqual({ kind: 'query', field: 'none' })
})
