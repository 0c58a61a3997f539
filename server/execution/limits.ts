import {
  type FieldNode,
  GraphQLError,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql'

/** The most of what one operation may ask for. */
export interface QueryLimits {
  /** Of the text, in the lexer's tokens. */
  tokens: number
  depth: number
  aliases: number
  /**
   * Fields that may come back, counting a page as `first` or `last` times its fields, and of the
   * types that one value can be, of which it is one, the dearest.
   */
  cost: number
}

/**
 * A page of 100 predictions with all their fields costs about 4,000. The longest operation of the SDK
 * has under 400 tokens; to validate 2,000 takes up to some 100 ms, and anybody may ask for it.
 */
export const defaultLimits: QueryLimits = { tokens: 2000, depth: 15, aliases: 30, cost: 10_000 }

/** A page when neither `first` nor `last` is given, and when only a variable says. */
const DEFAULT_PAGE = 20
const LARGEST_PAGE = 100

interface Measure {
  depth: number
  aliases: number
  cost: number
}

const ANY = ''

const NOTHING: Measure = { depth: 0, aliases: 0, cost: 0 }

/** Refuses operations beyond the limits; introspection is left to GraphQL's own rule about it. */
export const limitRule =
  (limits: QueryLimits): ValidationRule =>
  (context) => ({
    OperationDefinition(operation) {
      const measure = new OperationMeasure(context).of(operation.selectionSet)
      for (const what of ['depth', 'aliases', 'cost'] as const)
        if (measure[what] > limits[what])
          context.reportError(
            new GraphQLError(
              `This operation is too large: its ${what} is ${measure[what]}, at most ${limits[what]} is allowed.`,
              { nodes: operation, extensions: { code: 'LIMIT_EXCEEDED' } },
            ),
          )
      return false
    },
  })

/** Measures an operation, each fragment once however often it is spread. */
class OperationMeasure {
  readonly #context: ValidationContext
  readonly #fragments = new Map<string, Measure>()

  constructor(context: ValidationContext) {
    this.#context = context
  }

  of({ selections }: SelectionSetNode): Measure {
    const sum = { ...NOTHING }
    const costs = new Map<string, number>()
    for (const selection of selections) {
      const part =
        selection.kind === Kind.FIELD
          ? this.#field(selection)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? this.of(selection.selectionSet)
            : this.#fragment(selection.name.value)
      sum.depth = Math.max(sum.depth, part.depth)
      sum.aliases += part.aliases
      const type = this.#objectType(selection)
      costs.set(type, (costs.get(type) ?? 0) + part.cost)
    }
    const always = costs.get(ANY) ?? 0
    costs.delete(ANY)
    return { ...sum, cost: always + Math.max(0, ...costs.values()) }
  }

  /** The one type that a selection is for; ANY when it is for several. */
  #objectType(selection: SelectionNode): string {
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD
        ? this.#context.getFragment(selection.name.value)
        : selection
    if (!fragment || fragment.kind === Kind.FIELD) return ANY
    const name = fragment.typeCondition?.name.value ?? ANY
    return isObjectType(this.#context.getSchema().getType(name)) ? name : ANY
  }

  #field(field: FieldNode): Measure {
    const aliases = field.alias ? 1 : 0
    if (field.name.value.startsWith('__')) return { depth: 1, aliases, cost: 1 }
    const inner = field.selectionSet ? this.of(field.selectionSet) : NOTHING
    return {
      depth: inner.depth + 1,
      aliases: inner.aliases + aliases,
      cost: 1 + pageSize(field) * inner.cost,
    }
  }

  #fragment(name: string): Measure {
    const known = this.#fragments.get(name)
    if (known) return known
    // A cycle, which another rule reports, ends here.
    this.#fragments.set(name, NOTHING)
    const fragment = this.#context.getFragment(name)
    const measure = fragment ? this.of(fragment.selectionSet) : NOTHING
    this.#fragments.set(name, measure)
    return measure
  }
}

/** How often a field's selection comes back; only connections have a selection named so. */
function pageSize({ arguments: args = [], selectionSet }: FieldNode): number {
  const size = args.find(({ name }) => name.value === 'first' || name.value === 'last')?.value
  if (size)
    return size.kind === Kind.INT ? Math.min(Number(size.value), LARGEST_PAGE) : LARGEST_PAGE
  const isConnection = selectionSet?.selections.some(
    (each) =>
      each.kind === Kind.FIELD && (each.name.value === 'edges' || each.name.value === 'nodes'),
  )
  return isConnection ? DEFAULT_PAGE : 1
}
