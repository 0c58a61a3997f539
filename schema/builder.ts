import SchemaBuilder from '@pothos/core'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import type { SentFile } from '@presage/domain/uploads/upload-image'
import type { ApiKeyScope } from '@presage/domain/viewer'
import type PrismaTypes from '@presage/prisma/generated/pothos'
import { getDatamodel } from '@presage/prisma/generated/pothos'
import { GraphQLError } from 'graphql'
import { GraphQLDateTimeISO, GraphQLJSON, GraphQLSafeInt } from 'graphql-scalars'
import type { GraphQLContext } from './context.js'
import { hasAllRights, isPerson, may, orSignedOut, refusalOf } from './rights.js'
import { refuseUnstorableText } from './storable-text.js'

const pascal = (name: string) => name.charAt(0).toUpperCase() + name.slice(1)

/** The most edges of one page of any connection. */
export const MAX_PAGE = 100

/** The one schema builder; every room adds its types to it. */
export const builder = new SchemaBuilder<{
  Context: GraphQLContext
  PrismaTypes: PrismaTypes
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  DefaultNodeNullability: false
  AuthScopes: { person: boolean; signedIn: boolean; admin: boolean; may: ApiKeyScope }
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: Date; Output: Date | string }
    SafeInt: { Input: number; Output: number }
    JSON: { Input: unknown; Output: unknown }
    Upload: { Input: SentFile; Output: never }
  }
}>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin],
  defaultFieldNullability: false,
  errors: {
    directResult: true,
    defaultUnionOptions: { name: ({ fieldName }) => `${pascal(fieldName)}Result` },
  },
  scopeAuth: {
    authorizeOnSubscribe: true,
    authScopes: ({ viewer }) => ({
      person: isPerson(viewer),
      signedIn: hasAllRights(viewer),
      admin: hasAllRights(viewer) && viewer?.isAdmin === true,
      may: (scope) => may(viewer, scope),
    }),
    unauthorizedError: (_parent, { viewer }, _info, { failure }) => refusalOf(viewer, failure),
  },
  relay: {
    cursorType: 'String',
    clientMutationId: 'omit',
    nodesOnConnection: true,
    edgesFieldOptions: { nullable: false },
    nodeFieldOptions: { nullable: false },
    nodeQueryOptions: { authScopes: orSignedOut('READ') },
    nodesQueryOptions: false,
  },
  prisma: {
    client: ({ domain }) => domain.db.prisma,
    dmmf: getDatamodel(),
    maxConnectionSize: MAX_PAGE,
  },
})

refuseUnstorableText()
builder.addScalarType('DateTime', GraphQLDateTimeISO)
builder.addScalarType('SafeInt', GraphQLSafeInt)
builder.addScalarType('JSON', GraphQLJSON)

builder.scalarType('Upload', {
  description: 'A file of a multipart request (GraphQL multipart request specification).',
  parseValue: (value) => {
    if (value instanceof Object && 'arrayBuffer' in value && 'size' in value)
      return value as SentFile
    throw new GraphQLError('Send a file, in a multipart request.')
  },
})

builder.queryType({})
builder.mutationType({})
builder.subscriptionType({})
