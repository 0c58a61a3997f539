import jsep, { type Expression } from 'jsep'

/** What a formula reads by name: numbers, choices and flags; absent = missing. */
export type FormulaValues = Readonly<Record<string, number | string | boolean | undefined>>

/** A compiled formula: `evaluate` gives a finite number, or NaN where the answer is missing. */
export interface Formula {
  readonly source: string
  /** The names it reads, each once. */
  readonly inputs: readonly string[]
  evaluate(values: FormulaValues): number
}

type Operand = number | string
type Evaluate = (values: FormulaValues) => Operand

class FormulaFault extends Error {}

const truth = (is: boolean) => (is ? 1 : 0)

/** A comparison or sum with something missing is missing too. */
const BINARY: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '<': (a, b) => truth(a < b),
  '<=': (a, b) => truth(a <= b),
  '>': (a, b) => truth(a > b),
  '>=': (a, b) => truth(a >= b),
}

const sum = (present: readonly number[]) => present.reduce((a, b) => a + b, 0)

/** Functions of the arguments that are present; NaN when none is, but for `count` and `sum`. */
const OVER_PRESENT: Record<string, (present: readonly number[]) => number> = {
  min: (present) => (present.length === 0 ? Number.NaN : Math.min(...present)),
  max: (present) => (present.length === 0 ? Number.NaN : Math.max(...present)),
  mean: (present) => sum(present) / present.length,
  first: ([first = Number.NaN]) => first,
  sum,
  count: (present) => present.length,
}

/** Functions of one number. */
const OF_ONE: Record<string, (x: number) => number> = {
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  log1p: Math.log1p,
  sqrt: Math.sqrt,
}

/** A formula that calls constructor must not find Object's. */
const own = <T>(table: Record<string, T>, key: string) =>
  Object.hasOwn(table, key) ? table[key] : undefined

const number = (operand: Operand) => (typeof operand === 'number' ? operand : Number.NaN)

const read =
  (name: string): Evaluate =>
  (values) => {
    const value = values[name]
    if (typeof value === 'boolean') return truth(value)
    return value ?? Number.NaN
  }

function compileBinary(operator: string, left: Evaluate, right: Evaluate): Evaluate {
  if (operator === '==' || operator === '!=')
    return (values) => {
      const [a, b] = [left(values), right(values)]
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.NaN
      return truth((a === b) === (operator === '=='))
    }
  const apply = own(BINARY, operator)
  if (!apply) throw new FormulaFault(`there is no operator ${operator}`)
  return (values) => {
    const [a, b] = [number(left(values)), number(right(values))]
    return Number.isNaN(a) || Number.isNaN(b) ? Number.NaN : apply(a, b)
  }
}

function compileCall(name: string, args: readonly Evaluate[]): Evaluate {
  const overPresent = own(OVER_PRESENT, name)
  if (overPresent)
    return (values) =>
      overPresent(args.map((arg) => number(arg(values))).filter((value) => !Number.isNaN(value)))
  const ofOne = own(OF_ONE, name)
  const [arg] = args
  if (!ofOne || !arg || args.length !== 1)
    throw new FormulaFault(`there is no function ${name} of ${args.length} arguments`)
  return (values) => ofOne(number(arg(values)))
}

/** jsep types every node as the same loose record; this reads one child of it. */
const isNode = (value: unknown): value is Expression =>
  typeof value === 'object' && value !== null && 'type' in value

class Compiler {
  readonly inputs = new Set<string>()

  compile(node: unknown): Evaluate {
    if (!isNode(node)) throw new FormulaFault('something is missing in it')
    switch (node.type) {
      case 'Literal': {
        const { value } = node
        if (typeof value !== 'number' && typeof value !== 'string') break
        return () => value
      }
      case 'Identifier':
        this.inputs.add(String(node.name))
        return read(String(node.name))
      case 'UnaryExpression': {
        const operand = this.compile(node.argument)
        if (node.operator === '-') return (values) => -number(operand(values))
        break
      }
      case 'BinaryExpression':
        return compileBinary(
          String(node.operator),
          this.compile(node.left),
          this.compile(node.right),
        )
      case 'ConditionalExpression':
        return this.conditional(node)
      case 'CallExpression':
        return this.call(node)
    }
    throw new FormulaFault(`it has a ${node.type}, which formulas do not have`)
  }

  private conditional(node: Expression): Evaluate {
    const [test, yes, no] = [node.test, node.consequent, node.alternate].map((part) =>
      this.compile(part),
    )
    if (!test || !yes || !no) throw new FormulaFault('a condition has three parts')
    return (values) => {
      const holds = number(test(values))
      if (Number.isNaN(holds)) return Number.NaN
      return holds === 0 ? no(values) : yes(values)
    }
  }

  private call(node: Expression): Evaluate {
    const { callee } = node
    if (!isNode(callee) || callee.type !== 'Identifier' || !Array.isArray(node.arguments))
      throw new FormulaFault('only a named function can be called')
    return compileCall(
      String(callee.name),
      node.arguments.map((argument) => this.compile(argument)),
    )
  }
}

/**
 * Compiles a card's formula: numbers, 'choices', names, + − * /, comparisons (1 or 0), ?:, min,
 * max, mean, first, sum and count of what is present, abs, exp, log, log1p, sqrt.
 */
export function parseFormula(source: string): Formula | { fault: string } {
  const compiler = new Compiler()
  try {
    const compiled = compiler.compile(jsep(source))
    return {
      source,
      inputs: [...compiler.inputs],
      evaluate(values) {
        const value = number(compiled(values))
        return Number.isFinite(value) ? value : Number.NaN
      },
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { fault: `the formula ${source} cannot be read: ${reason}` }
  }
}
