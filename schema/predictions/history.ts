import { readHistory } from '@presage/domain/predictions/history'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection, type PageArgs } from '../keyset-connection.js'
import { Prediction, PredictionStatus } from './prediction.js'

export const PredictionEdge = builder.edgeObject({ name: 'PredictionEdge', type: Prediction })

export const PredictionConnection = builder.connectionObject(
  { name: 'PredictionConnection', type: Prediction },
  PredictionEdge,
)

/** Which predictions of a history to show. */
export const PredictionFilter = builder.inputType('PredictionFilter', {
  fields: (t) => ({
    models: t.stringList({ description: 'Names of models; null = all.' }),
    statuses: t.field({ type: [PredictionStatus], description: 'null = all' }),
    from: t.field({ type: 'DateTime', description: 'Created at or after; null = any time.' }),
    to: t.field({ type: 'DateTime', description: 'Created before; null = any time.' }),
  }),
})

interface HistoryArgs extends PageArgs {
  filter?: typeof PredictionFilter.$inferInput | null | undefined
}

const { toCursor, idOf } = idCursors('Prediction')

/** A user's predictions, newest first. */
export const resolveHistory = (userId: string, args: HistoryArgs, { domain }: GraphQLContext) =>
  keysetConnection({ args, toCursor }, ({ after, before, limit, inverted }) =>
    readHistory(domain, { userId }, args.filter ?? {}, {
      after: idOf(after),
      before: idOf(before),
      limit,
      inverted,
    }),
  )
