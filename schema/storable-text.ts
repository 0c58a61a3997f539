import { GraphQLID, type GraphQLScalarType, GraphQLString } from 'graphql'

const LONE_SURROGATE = /\p{Surrogate}/u

/** Whether PostgreSQL can store a text: it takes neither U+0000 nor half of a surrogate pair. */
const isStorable = (text: unknown): boolean =>
  typeof text !== 'string' || !(text.includes('\0') || LONE_SURROGATE.test(text))

function checked<T>(text: T): T {
  if (!isStorable(text))
    // Not a GraphQLError, to which graphql adds neither the value's place nor its type.
    throw new TypeError('A text must hold neither U+0000 nor half of a surrogate pair.')
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
