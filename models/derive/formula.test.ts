import { describe, expect, it } from 'vitest'
import { type Formula, parseFormula } from './formula.js'

function formula(source: string): Formula {
  const parsed = parseFormula(source)
  if ('fault' in parsed) throw new Error(parsed.fault)
  return parsed
}
const evaluate = (source: string, values = {}) => formula(source).evaluate(values)
const fault = (source: string) => {
  const parsed = parseFormula(source)
  return 'fault' in parsed ? parsed.fault : ''
}

describe('a formula', () => {
  it('computes as it is written in mathematics', () => {
    expect(evaluate('2 + 3 * x - 8 / 4', { x: 2 })).toBe(6)
    expect(evaluate('-(x - 1) * 2', { x: 4 })).toBe(-6)
  })

  it('compares numbers, choices and flags', () => {
    expect(evaluate("work == 'employed'", { work: 'employed' })).toBe(1)
    expect(evaluate("work != 'employed'", { work: 'employed' })).toBe(0)
    expect(evaluate('sleep < 6 ? 6 - sleep : 0', { sleep: 4.5 })).toBe(1.5)
    expect(evaluate('smoker + 1', { smoker: true })).toBe(2)
  })

  it('is missing where something it needs is', () => {
    for (const source of ['x + 1', 'x < 3', "x == 'a'", 'x > 0 ? 1 : 2', 'log(x)'])
      expect(evaluate(source)).toBeNaN()
    expect(evaluate('1 / x', { x: 0 })).toBeNaN()
    expect(evaluate('log(x)', { x: 0 })).toBeNaN()
  })

  it('looks over what is missing where a function says so', () => {
    const values = { a: 1, c: 5 }
    expect(evaluate('max(a, b, c)', values)).toBe(5)
    expect(evaluate('mean(a, b, c)', values)).toBe(3)
    expect(evaluate('count(a, b, c)', values)).toBe(2)
    expect(evaluate('first(b, c, a)', values)).toBe(5)
    expect(evaluate('sum(b)', values)).toBe(0)
    expect(evaluate('min(b)', values)).toBeNaN()
  })

  it('names what it reads, each once', () => {
    expect(formula('max(a, b) - a / limit').inputs).toEqual(['a', 'b', 'limit'])
  })

  it('is refused with the reason', () => {
    expect(fault('a +')).toContain('the formula a + cannot be read')
    expect(fault('process.exit(1)')).toContain('only a named function can be called')
    expect(fault('constructor(1)')).toContain('there is no function constructor')
    expect(fault('a ** b')).toContain('cannot be read')
    expect(fault('[a]')).toContain('ArrayExpression')
    expect(fault('a b')).toContain('cannot be read')
  })
})
