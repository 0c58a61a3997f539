import { isStorable, UNSTORABLE } from '@presage/domain/storable-text'
import { GraphQLID, type GraphQLScalarType, GraphQLString } from 'graphql'

function checked<T>(text: T): T {
  // Not a GraphQLError, to which graphql adds neither the value's place nor its type.
  if (typeof text === 'string' && !isStorable(text)) throw new TypeError(UNSTORABLE)
  return text
}

/**
 * Has String and ID refuse what cannot be stored, in variables and literals alike. A schema knows
 * these two only as graphql's own objects, which introspection uses too, so they are changed in place.
 */
export function refuseUnstorableText(): void {
  for (const scalar of [GraphQLString, GraphQLID] satisfies GraphQLScalarType[]) {
    const { parseValue, parseLiteral } = scalar
    scalar.parseValue = (value) => checked(parseValue(value))
    scalar.parseLiteral = (node, variables) => checked(parseLiteral(node, variables))
  }
}
