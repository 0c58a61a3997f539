import { encodeGlobalID } from '@pothos/plugin-relay'
import { readPriceChanges } from '@presage/domain/catalogue/read-price-changes'
import { setPrice } from '@presage/domain/catalogue/set-price'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import type { PriceChange as Change } from '@presage/prisma/generated/client/client'
import { builder, MAX_PAGE } from '../builder.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection } from '../keyset-connection.js'
import { signedIn } from '../signed-in.js'

/** Who changed a variant's price, and why. */
const PriceChange = builder.objectRef<Change>('PriceChange').implement({
  description: 'A change of what a variant costs, in credits. Never changed, never deleted.',
  fields: (t) => ({
    variant: t.exposeString('variant', { description: 'Variant.name.' }),
    before: t.exposeInt('before', { nullable: true, description: 'null = the card’s price' }),
    after: t.exposeInt('after', { nullable: true, description: 'null = the card’s price' }),
    reason: t.exposeString('reason'),
    actor: t.id({
      description: 'Viewer.id of the admin.',
      resolve: ({ actorId }) => encodeGlobalID('Viewer', actorId),
    }),
    at: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

interface Priced {
  change: Change | null
}

const SetPricePayload = builder.objectRef<Priced>('SetPricePayload').implement({
  fields: (t) => ({
    change: t.expose('change', {
      type: PriceChange,
      nullable: true,
      description: 'null = it was so already',
    }),
  }),
})

const SetPriceInput = builder.inputType('SetPriceInput', {
  fields: (t) => ({
    model: t.string({ required: true, description: 'Model.name.' }),
    variant: t.string({ required: true, description: 'Variant.name, of any installed version.' }),
    price: t.int({
      description: '0 to 1,000,000 credits; null = the card’s price. Left out it is refused.',
    }),
    reason: t.string({ required: true, description: '1 to 500 characters, kept for good.' }),
  }),
})

builder.mutationField('setPrice', (t) =>
  t.field({
    type: SetPricePayload,
    description:
      'Has a variant cost so much, in all its versions and on all servers. What is held or quoted keeps its price. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { input: t.arg({ type: SetPriceInput, required: true }) },
    resolve: async (_root, { input: { price, ...order } }, { domain, viewer }) => ({
      change: await setPrice(domain, signedIn(viewer), { ...order, price }),
    }),
  }),
)

const PriceChangeEdge = builder.edgeObject({ name: 'PriceChangeEdge', type: PriceChange })

const PriceChangeConnection = builder.connectionObject(
  { name: 'PriceChangeConnection', type: PriceChange },
  PriceChangeEdge,
)

const { toCursor, idOf } = idCursors('PriceChange')

builder.queryField('priceChanges', (t) =>
  t.connection(
    {
      type: PriceChange,
      description: `Of a model’s variants, newest first; at most ${MAX_PAGE} a page. Admins only.`,
      authScopes: { admin: true },
      args: { model: t.arg.string({ required: true, description: 'Model.name.' }) },
      resolve: (_root, { model, ...args }, { domain }) =>
        keysetConnection({ args, toCursor }, ({ after, before, limit, inverted }) =>
          readPriceChanges(domain, model, {
            after: idOf(after),
            before: idOf(before),
            limit,
            inverted,
          }),
        ),
    },
    PriceChangeConnection,
    PriceChangeEdge,
  ),
)
