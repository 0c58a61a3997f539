import {
  type ListedClient,
  listClients,
  type ClientOrder as Order,
} from '@presage/domain/desk/list-clients'
import { builder, MAX_PAGE } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { orGraphQLError } from '../errors.js'
import { keysetConnection, notACursor, type PageArgs } from '../keyset-connection.js'
import { rowId } from '../node-id.js'
import { Client } from './client.js'
import { deskCaller } from './desk-caller.js'

const ClientFilter = builder.inputType('ClientFilter', {
  description: 'Which clients to show; null = all that are the caller’s.',
  fields: (t) => ({
    manager: t.id({ description: 'Admins only: whose.' }),
    unmanaged: t.boolean({ description: 'Admins only: true = those of nobody.' }),
    search: t.string({
      description: 'Every word is part of a name or of the e-mail, in any case.',
    }),
    bands: t.stringList(),
    delinquent: t.boolean({ description: 'Whether the latest month was paid late.' }),
    unscored: t.boolean(),
    stale: t.boolean(),
  }),
})

const ClientOrderField = builder.enumType('ClientOrderField', {
  values: {
    NAME: { value: 'name' },
    RATING: { value: 'rating', description: 'Never scored stands behind the best.' },
    MONTHS_LATE: { value: 'monthsLate' },
    SCORED_AT: { value: 'scoredAt', description: 'Never scored stands before the oldest.' },
  } as const,
})

const ClientOrder = builder.inputType('ClientOrder', {
  fields: (t) => ({
    by: t.field({ type: ClientOrderField, required: true }),
    descending: t.boolean({ required: true, defaultValue: false }),
  }),
})

export const ClientEdge = builder.edgeObject({ name: 'ClientEdge', type: Client })
export const ClientConnection = builder.connectionObject(
  { name: 'ClientConnection', type: Client },
  ClientEdge,
)

/** The arguments of a list of clients beside its page. */
export const clientArgs = {
  filter: ClientFilter,
  order: ClientOrder,
}

interface ClientsArgs extends PageArgs {
  filter?: typeof ClientFilter.$inferInput | null | undefined
  order?: typeof ClientOrder.$inferInput | null | undefined
}

const BY_NAME: Order = { by: 'name' }

/** A place in a list by a key is told as JSON: it holds names of any alphabet. */
const toCursor = ({ place }: ListedClient) =>
  Buffer.from(JSON.stringify([place.key, place.id])).toString('base64url')

function placeOf(cursor: string | undefined): ListedClient['place'] | undefined {
  if (cursor === undefined) return undefined
  try {
    const told: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    if (Array.isArray(told) && typeof told[0] === 'string' && typeof told[1] === 'string')
      return { key: told[0], id: told[1] }
  } catch {
    // Told below.
  }
  throw notACursor()
}

/** A page of the caller's clients: an admin's all, a manager's own. */
export const clientsOf = (args: ClientsArgs, context: GraphQLContext) =>
  keysetConnection({ args, toCursor }, async ({ after, before, limit, inverted }) => {
    const { desk, me, load } = await deskCaller(context)
    const { manager, unmanaged, ...filter } = args.filter ?? {}
    const managerId = unmanaged ? null : manager ? rowId('Manager', manager) : undefined
    const page = { after: placeOf(after), before: placeOf(before), limit, inverted }
    const clients = await orGraphQLError(
      listClients(desk, me, { ...filter, managerId }, args.order ?? BY_NAME, page),
    )
    for (const client of clients) load.client.prime(client.userId, client)
    return clients
  })

export const CLIENTS = `At most ${MAX_PAGE} a page.`
