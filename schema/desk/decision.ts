import { type Decision as DeskDecision, standsSince } from '@presage/domain/desk/decision'
import { proposalOf } from '@presage/domain/desk/proposal'
import { readDecisions, readDecisionsById, readWaiting } from '@presage/domain/desk/read-decisions'
import { Verdict as Verdicts } from '@presage/prisma/generated/client/client'
import { builder, MAX_PAGE } from '../builder.js'
import type { GraphQLContext } from '../context.js'
import { orGraphQLError } from '../errors.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection } from '../keyset-connection.js'
import { uuidOrNone } from '../node-id.js'
import { Client } from './client.js'
import { clientPages } from './client-pages.js'
import { Currency } from './credit-line.js'
import { Desk } from './desk.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'
import { Score } from './score.js'
import { standingPolicy } from './standing-policy.js'
import { theirClient, theirScore } from './their-client.js'

export const Verdict = builder.enumType('Verdict', { values: Object.values(Verdicts) })

/** What a person decided on a score. */
export const Decision = builder.objectRef<DeskDecision>('Decision')

const by = (userId: string | null, context: GraphQLContext) =>
  userId === null ? null : deskCaller(context).then(({ load }) => load.manager.load(userId))

builder.node(Decision, {
  description:
    'What a person decided on a score: seen by the desk’s people who look after the client and, once it stands, by the client.',
  id: { resolve: ({ id }) => id },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'needsSecond' in value,
  loadOne: async (id, context) => {
    if (!context.viewer) return null
    const { desk, me } = await deskCaller(context)
    const [decision] = await readDecisionsById(desk, me, [uuidOrNone(id)])
    return decision ?? null
  },
  fields: (t) => ({
    client: t.field(theirClient),
    score: t.field(theirScore),
    proposed: t.expose('proposed', {
      type: Verdict,
      description: 'By the policy’s cut-offs, when it was decided.',
    }),
    verdict: t.expose('verdict', {
      type: Verdict,
      description: 'An override where it is another than proposed.',
    }),
    reason: t.exposeString('overrideReason', {
      nullable: true,
      description: 'For the desk’s people; null = none was given, or not for the caller.',
    }),
    policyVersion: t.exposeInt('policyVersion'),
    amount: t.exposeFloat('amount', {
      description: 'Of the line: its total or its limit, whichever is larger.',
    }),
    currency: t.expose('currency', { type: Currency }),
    decidedBy: t.field({
      type: Manager,
      nullable: true,
      description: 'null = an admin, or not for the caller',
      resolve: ({ decidedBy }, _args, context) => by(decidedBy, context),
    }),
    decidedAt: t.expose('decidedAt', { type: 'DateTime' }),
    needsSecond: t.exposeBoolean('needsSecond', {
      description: 'Whether it stands only once a second person approved it.',
    }),
    secondBy: t.field({
      type: Manager,
      nullable: true,
      description: 'null = an admin, nobody, or not for the caller',
      resolve: ({ secondBy }, _args, context) => by(secondBy, context),
    }),
    standsSince: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'null = it waits for a second approval.',
      resolve: standsSince,
    }),
  }),
})

const DecisionEdge = builder.edgeObject({ name: 'DecisionEdge', type: Decision })
const DecisionConnection = builder.connectionObject(
  { name: 'DecisionConnection', type: Decision },
  DecisionEdge,
)

const { toCursor, idOf } = idCursors('Decision')

const decisionsOf = clientPages('Decision', ({ desk, me }, clientIds, page) =>
  readDecisions(desk, me, clientIds, page),
)

builder.objectField(Client, 'decisions', (t) =>
  t.connection(
    {
      type: Decision,
      description: `Newest first; the client sees those that stand. At most ${MAX_PAGE} a page.`,
      resolve: ({ userId }, args, context) => decisionsOf(userId, args, context),
    },
    DecisionConnection,
    DecisionEdge,
  ),
)

builder.objectField(Desk, 'waitingDecisions', (t) =>
  t.connection(
    {
      type: Decision,
      description: `Overrides that wait for a second person’s approval, newest first: an admin’s all, a manager’s own clients’. At most ${MAX_PAGE} a page.`,
      resolve: (_desk, args, context) =>
        keysetConnection({ args, toCursor }, async ({ after, before, limit, inverted }) => {
          const { desk, me } = await deskCaller(context)
          const page = { after: idOf(after), before: idOf(before), limit, inverted }
          return orGraphQLError(readWaiting(desk, me, page))
        }),
    },
    DecisionConnection,
    DecisionEdge,
  ),
)

builder.objectField(Score, 'proposal', (t) =>
  t.field({
    type: Verdict,
    description: 'What the rules as they stand propose; a person decides.',
    resolve: async ({ probability }, _args, context) =>
      proposalOf(await standingPolicy(context), probability),
  }),
)
