import { buildSchema, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { limitRule } from './limits.js'

const schema = buildSchema(`
  type Query { me: User! many(first: Int, last: Int): Page! all(first: Int): Finds! }
  type Finds { nodes: [Find!]! }
  interface Find { name: String! }
  type Coin implements Find { name: String! value: Int! year: Int! }
  type Shell implements Find { name: String! colour: String! }
  type Page { nodes: [User!]! }
  type User { name: String! friend: User! many(first: Int): Page! }
`)
const limits = { tokens: 1000, depth: 5, aliases: 2, cost: 100 }
const faultsOf = (query: string) =>
  validate(schema, parse(query), [limitRule(limits)]).map((error) => ({
    code: error.extensions.code,
    what: /its (\w+) is/.exec(error.message)?.[1],
  }))
const refused = (what: string) => [{ code: 'LIMIT_EXCEEDED', what }]

describe('the limits of an operation', () => {
  it('let through what stays within them', () => {
    expect(faultsOf('{ me { a: friend { b: friend { friend { name } } } } }')).toEqual([])
  })

  it('hold for the depth, fragments included', () => {
    const deep = 'fragment F on User { friend { friend { friend { friend { name } } } } }'
    expect(faultsOf(`{ me { ...F } } ${deep}`)).toEqual(refused('depth'))
  })

  it('hold for aliases', () => {
    expect(faultsOf('{ a: me { name } b: me { name } c: me { name } }')).toEqual(refused('aliases'))
  })

  it.each([
    ['a large page', '{ many(first: 99) { nodes { name } } }'],
    [
      'a page whose size only the variables say',
      'query ($n: Int) { many(first: $n) { nodes { name } } }',
    ],
    ['pages within pages', '{ many { nodes { many { nodes { name } } } } }'],
  ])('hold for the cost of %s', (_what, query) => {
    expect(faultsOf(query)).toEqual(refused('cost'))
  })

  it('count of the types that a value can be the dearest alone', () => {
    const coin = '... on Coin { value year }'
    const all = (fields: string) => `{ all(first: 24) { nodes { name ${fields} } } }`
    // The page, and of each of 24 finds 4: itself, its name, and two of a coin or one of a shell.
    expect(faultsOf(all(`${coin} ... on Shell { colour }`))).toEqual([])
    expect(faultsOf(`${all(`${coin} ...F`)} fragment F on Coin { name }`)).toEqual(refused('cost'))
    expect(faultsOf(all(`${coin} ... on Find { n: name }`))).toEqual(refused('cost'))
  })

  it('count a fragment wherever it is spread, without reading it each time', () => {
    const doubled = Array.from(
      { length: 60 },
      (_, i) => `fragment F${i} on User { ...F${i + 1} ...F${i + 1} }`,
    )
    const query = `{ me { ...F0 } } ${doubled.join(' ')} fragment F60 on User { name }`
    expect(faultsOf(query)).toEqual(refused('cost'))
  })

  it('come to an end with a fragment that spreads itself', () => {
    expect(faultsOf('{ me { ...F } } fragment F on User { friend { ...F } }')).toEqual([])
  })

  it('leave introspection alone', () => {
    const types = '{ fields { type { ofType { ofType { ofType { ofType { name } } } } } } }'
    expect(faultsOf(`{ __schema { types ${types} } }`)).toEqual([])
  })
})
