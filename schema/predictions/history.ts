import { readHistory } from '@presage/domain/predictions/history'
import type { Prediction as PredictionRow } from '@presage/domain/predictions/prediction'
import type { Viewer } from '@presage/domain/viewer'
import { builder } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { keysetConnection, notACursor } from '../keyset-connection.js'
import { NO_ID, rowId } from '../node-id.js'
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

interface PageArgs {
  first?: number | null | undefined
  last?: number | null | undefined
  after?: string | null | undefined
  before?: string | null | undefined
}

const cursorOf = ({ id }: PredictionRow) => Buffer.from(`Prediction:${id}`).toString('base64')

/** @throws GraphQLError BAD_USER_INPUT when it is not a cursor of {@link cursorOf}. */
function idOf(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined
  const id = rowId('Prediction', cursor)
  if (id === NO_ID) throw notACursor()
  return id
}

/** The caller's predictions, newest first. */
export const resolveHistory = (viewer: Viewer, args: HistoryArgs, { domain }: GraphQLContext) =>
  keysetConnection({ args, toCursor: cursorOf }, ({ after, before, limit, inverted }) =>
    readHistory(domain, viewer, args.filter ?? {}, {
      after: idOf(after),
      before: idOf(before),
      limit,
      inverted,
    }),
  )
