import {
  buildClientSchema,
  type GraphQLSchema,
  getIntrospectionQuery,
  type IntrospectionQuery,
} from 'graphql'
import { PresageError } from '../errors/presage-error.js'

interface Answer {
  data?: IntrospectionQuery | null
  errors?: { message: string }[]
}

/** A server whose schema cannot be read: unreachable, no GraphQL, or closed to the caller. */
export class SchemaUnreadableError extends PresageError {
  constructor(url: string, why: string) {
    super('SCHEMA_UNREADABLE', `The schema of ${url} cannot be read: ${why}`)
  }
}

/**
 * Reads a server's schema by introspection.
 *
 * @param token an access token or API key, for servers that show their schema to nobody else
 * @throws SchemaUnreadableError
 */
export async function readSchema(url: string, token?: string): Promise<GraphQLSchema> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    },
    body: JSON.stringify({ query: getIntrospectionQuery({ oneOf: true }) }),
  }).catch((error: Error) => {
    const { cause } = error
    throw new SchemaUnreadableError(url, cause instanceof Error ? cause.message : error.message)
  })
  const answer = (await response.json().catch(() => null)) as Answer | null
  if (answer?.data) return buildClientSchema(answer.data)
  const said = answer?.errors?.map(({ message }) => message).join(' ')
  if (!said) throw new SchemaUnreadableError(url, `it answers ${response.status}, and no GraphQL.`)
  const remedy = token ? '' : ' If it shows its schema to some only, set PRESAGE_TOKEN to a key.'
  throw new SchemaUnreadableError(url, `${said}${remedy}`)
}
