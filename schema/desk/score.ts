import { type DeskScore, readScores, readScoresById } from '@presage/domain/desk/score'
import { builder, MAX_PAGE } from '../builder.js'
import { describeDerived } from '../catalogue/feature.js'
import type { GraphQLContext } from '../context.js'
import { uuidOrNone } from '../node-id.js'
import { Explanation } from '../predictions/explanation.js'
import { clientPages } from './client-pages.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'

/** A client's score, as it was computed; it never changes. */
export const Score = builder.objectRef<DeskScore>('Score')

builder.node(Score, {
  description: 'A client’s score, as it was computed; it never changes.',
  id: { resolve: ({ id }) => id },
  isTypeOf: (value) =>
    typeof value === 'object' && value !== null && 'rating' in value && 'probability' in value,
  loadOne: (id, context) => scoreOf(uuidOrNone(id), context),
  fields: (t) => ({
    probability: t.exposeFloat('probability', { description: 'Of missing the next payment.' }),
    rating: t.exposeFloat('rating', { description: '1 − probability, to two places.' }),
    band: t.exposeString('band', { description: 'By the model’s card.' }),
    model: t.exposeString('model'),
    version: t.exposeString('version', { description: 'Of the model.' }),
    input: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What it was computed from, amounts with their units; null = erased.',
      resolve: ({ input }) => input,
    }),
    explanation: t.field({
      type: Explanation,
      nullable: true,
      description: 'Why it is what it is; null = erased.',
      resolve: ({ model, version, explanation }, _args, { domain }) => {
        const card = domain.catalogue.version(model, version)?.card
        const features = card ? [...card.features, ...describeDerived(card.derived)] : []
        return explanation && { explanation, features, health: false }
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    askedBy: t.field({
      type: Manager,
      nullable: true,
      description:
        'null = the client, an admin, nobody (it came with the desk), or not for the caller',
      resolve: async ({ askedBy }, _args, context) =>
        askedBy === null ? null : (await deskCaller(context)).load.manager.load(askedBy),
    }),
    isAskedByClient: t.boolean({ resolve: ({ askedBy, clientId }) => askedBy === clientId }),
  }),
})

/** A score of a client whom the caller may see; null = none. */
async function scoreOf(id: string, context: GraphQLContext): Promise<DeskScore | null> {
  if (!context.viewer) return null
  const { desk, load } = await deskCaller(context)
  const [score] = await readScoresById(desk.domain.db, [id])
  return score && (await load.client.load(score.clientId)) ? score : null
}

const ScoreEdge = builder.edgeObject({ name: 'ScoreEdge', type: Score })
const ScoreConnection = builder.connectionObject(
  { name: 'ScoreConnection', type: Score },
  ScoreEdge,
)

/** The scores of a client whom the caller may see, newest first. */
export const scoresOf = clientPages('Score', ({ desk }, clientIds, page) =>
  readScores(desk.domain.db, clientIds, page),
)

export const scoreConnection = {
  type: Score,
  description: `Newest first; at most ${MAX_PAGE} a page.`,
}
export { ScoreConnection, ScoreEdge }
