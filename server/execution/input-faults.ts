import type { ModelCard } from '@presage/models/card/card-schema'
import type { Feature } from '@presage/models/card/feature-schema'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import {
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isNonNullType,
  typeFromAST,
} from 'graphql'

/** The code of an input whose shape GraphQL itself refuses. */
const CODE = 'BAD_USER_INPUT'

/** Names of fields and places in lists, from the variable or argument down. */
export type Path = (string | number)[]

/** As many as GraphQL tells; a request of 1 MiB has room for 80,000, each of which takes 0.4 ms. */
const MAX_FAULTS = 50

/** Ends a check whose other faults need not be told. */
class TooManyFaults extends Error {}

const pascal = (name: string): string =>
  name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')

/**
 * Says where in an input a fault is and, when it is a model's feature, in which unit and range it is
 * wanted: GraphQL refuses such inputs before any resolver could.
 */
export class InputFaults {
  /** By the name of the input type that holds a model's features. */
  readonly #cards: Map<string, ModelCard>

  constructor({ models }: Pick<Catalogue, 'models'>) {
    this.#cards = new Map(models.map(({ card }) => [`${pascal(card.name)}Features`, card]))
  }

  /** The `extensions` of a fault at `path` below a value of this type. */
  extensions(type: GraphQLInputType, path: Path, message: string) {
    const full = completed(path, message)
    const feature = this.#featureAt(type, full.slice(1))
    return { code: CODE, path: full, ...(feature && wantedOf(feature, full.at(-1))) }
  }

  /** The faults of an operation's variables: all, or the first 50 and that there are more. */
  ofVariables(
    schema: GraphQLSchema,
    document: DocumentNode,
    operationName: string | null | undefined,
    values: Readonly<Record<string, unknown>>,
  ): GraphQLError[] {
    const faults: GraphQLError[] = []
    try {
      this.#findFaults(faults, schema, document, operationName, values)
    } catch (error) {
      if (!(error instanceof TooManyFaults)) throw error
      const message = `More is wrong than the first ${MAX_FAULTS} faults.`
      faults.push(new GraphQLError(message, { extensions: { code: CODE, path: [] } }))
    }
    return faults
  }

  #findFaults(
    faults: GraphQLError[],
    schema: GraphQLSchema,
    document: DocumentNode,
    operationName: string | null | undefined,
    values: Readonly<Record<string, unknown>>,
  ): void {
    for (const definition of getOperationAST(document, operationName)?.variableDefinitions ?? []) {
      const name = definition.variable.name.value
      const type = typeFromAST(schema, definition.type)
      if (!isInputType(type)) continue
      const report = (path: Path, message: string) => {
        if (faults.length === MAX_FAULTS) throw new TooManyFaults()
        const extensions = this.extensions(type, [name, ...path], message)
        faults.push(new GraphQLError(message, { nodes: definition, extensions }))
      }
      const value = values[name]
      if (value === undefined) {
        if (isNonNullType(type) && !definition.defaultValue)
          report([], `The variable $${name} of type ${type} is needed.`)
      } else
        coerceInputValue(value, type, (path, _value, { message }) => report([...path], message))
    }
  }

  #featureAt(type: GraphQLInputType, path: Path): Feature | undefined {
    let feature: Feature | undefined
    let at: GraphQLInputType | undefined = type
    for (const key of path) {
      const named: GraphQLNamedInputType | undefined = at && getNamedType(at)
      if (!isInputObjectType(named)) continue
      feature ??= this.#cards.get(named.name)?.features.find(({ name }) => name === key)
      at = named.getFields()[key]?.type
    }
    return feature
  }
}

/** A missing or unknown field is reported at the object around it; its name is in the message only. */
function completed(path: Path, message: string): Path {
  const field = /^Field "(?:\w+\.)?(\w+)"/.exec(message)?.[1]
  return field === undefined || path.at(-1) === field ? path : [...path, field]
}

/** What a feature accepts, or what its `unit` does. */
const wantedOf = ({ unit, units, min, max, choices }: Feature, at: string | number | undefined) =>
  at === 'unit' && units
    ? { choices: units.map(({ name }) => name) }
    : {
        unit: units?.[0]?.symbol ?? unit,
        min,
        max,
        // As GraphQL's enum values are written.
        choices: choices?.map((choice) => choice.toUpperCase()),
      }
