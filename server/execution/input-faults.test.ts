import { buildSchema, parse } from 'graphql'
import { expect, it } from 'vitest'
import { InputFaults } from './input-faults.js'

const schema = buildSchema(
  'input Pair { a: Int b: Int } type Query { one(pair: Pair, n: Int): Int }',
)
const document = parse('query ($pair: Pair!, $n: Int) { one(pair: $pair, n: $n) }')
const faultsOf = (values: Record<string, unknown>) =>
  new InputFaults({ models: [] })
    .ofVariables(schema, document, null, values)
    .map(({ extensions, message }) => [extensions.path, message])

it('tells all that is wrong with the variables', () => {
  expect(faultsOf({ pair: { a: 'x', b: 2, c: 3 }, n: 1.5 })).toEqual([
    [['pair', 'a'], expect.any(String)],
    [['pair', 'c'], expect.any(String)],
    [['n'], expect.any(String)],
  ])
})

it('tells of the first fifty, and that there are more', () => {
  const pair = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`x${i}`, 1]))
  const faults = faultsOf({ pair, n: 'x' })
  expect(faults).toHaveLength(51)
  expect(faults[49]).toEqual([['pair', 'x49'], expect.any(String)])
  expect(faults[50]).toEqual([[], expect.stringMatching(/^More/)])
})
