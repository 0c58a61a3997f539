import {
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'

const SCALARS: Readonly<Record<string, string>> = {
  ...{ Int: 'number', Float: 'number', SafeInt: 'number', Boolean: 'boolean' },
  ...{ String: 'string', ID: 'string', DateTime: 'string' },
}

function typeOf(type: GraphQLInputType): string {
  if (isNonNullType(type)) return presentType(type.ofType)
  return `${presentType(type)} | null`
}

function presentType(type: GraphQLInputType): string {
  if (isListType(type)) return `readonly (${typeOf(type.ofType)})[]`
  const { name } = getNamedType(type)
  return SCALARS[name] ?? (isEnumType(type) || isInputObjectType(type) ? name : 'unknown')
}

const comment = (text: string | null | undefined, indent = '') =>
  text ? `${indent}/** ${text.replaceAll('*/', '*∕').replace(/\s+/g, ' ').trim()} */\n` : ''

const fieldText = (field: GraphQLInputField) =>
  `${comment(field.description, '  ')}  ${field.name}${isRequiredInputField(field) ? '' : '?'}: ${typeOf(field.type)}\n`

const enumText = (type: GraphQLEnumType) =>
  `${comment(type.description)}export type ${type.name} = ${type
    .getValues()
    .map(({ name }) => `'${name}'`)
    .join(' | ')}\n`

/** One of its fields, and none of the others. */
function oneOfText(type: GraphQLInputObjectType): string {
  const fields = Object.values(type.getFields())
  const members = fields.map((field) => {
    const others = fields.filter((each) => each !== field).map(({ name }) => `; ${name}?: never`)
    return `  | { ${field.name}: ${presentType(field.type)}${others.join('')} }\n`
  })
  return `${comment(type.description)}export type ${type.name} =\n${members.join('')}`
}

const objectText = (type: GraphQLInputObjectType) =>
  type.isOneOf
    ? oneOfText(type)
    : `${comment(type.description)}export interface ${type.name} {\n${Object.values(type.getFields()).map(fieldText).join('')}}\n`

/** A type and all that can be reached from it, itself first. */
function reachable(type: GraphQLNamedType, seen = new Set<GraphQLNamedType>()) {
  if (seen.has(type)) return seen
  seen.add(type)
  if (isInputObjectType(type))
    for (const field of Object.values(type.getFields())) reachable(getNamedType(field.type), seen)
  return seen
}

/**
 * A TypeScript module with the type `PredictInput` of a server's schema, and all types that belong
 * to it; undefined when the schema has no such input.
 */
export function inputModule(schema: GraphQLSchema, url: string): string | undefined {
  const root = schema.getType('PredictInput')
  if (!isInputObjectType(root)) return undefined
  const texts = [...reachable(root)].flatMap((type) => {
    if (isInputObjectType(type)) return [objectText(type)]
    return isEnumType(type) ? [enumText(type)] : []
  })
  const head = `// Written by presage-types from ${url}. To be written anew when its models change.\n`
  return [head, ...texts].join('\n')
}
