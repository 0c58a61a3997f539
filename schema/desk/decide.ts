import { approveDecision } from '@presage/domain/desk/approve-decision'
import { decide } from '@presage/domain/desk/decide'
import {
  DecisionConflictError,
  DecisionNotWaitingError,
  DeskForbiddenError,
  ScoreOutdatedError,
  SecondPersonError,
} from '@presage/domain/desk/errors'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { rowId } from '../node-id.js'
import { Decision, Verdict } from './decision.js'
import { deskCaller } from './desk-caller.js'
import { Score } from './score.js'

builder.objectType(ScoreOutdatedError, {
  name: 'ScoreOutdatedError',
  description: 'The client was scored anew; nothing was decided.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    latest: t.field({
      type: Score,
      nullable: true,
      description: 'The score to decide on.',
      resolve: async ({ latestScoreId }, _args, context) =>
        (await deskCaller(context)).load.score.load(latestScoreId),
    }),
  }),
})

builder.objectType(DecisionConflictError, {
  name: 'DecisionConflictError',
  description: 'Another decision than the one to be replaced is the latest; nothing was decided.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    decision: t.expose('decision', {
      type: Decision,
      nullable: true,
      description: 'The latest; null = there is none.',
    }),
  }),
})

builder.objectType(DecisionNotWaitingError, {
  name: 'DecisionNotWaitingError',
  description: 'The decision stands already, or a later one replaced it.',
  interfaces: [ErrorInterface],
})

builder.objectType(SecondPersonError, {
  name: 'SecondPersonError',
  description: 'Who decided is not who approves.',
  interfaces: [ErrorInterface],
})

const DecideInput = builder.inputType('DecideInput', {
  fields: (t) => ({
    score: t.id({ required: true, description: 'The client’s latest.' }),
    verdict: t.field({ type: Verdict, required: true }),
    reason: t.string({
      description: 'Needed where the verdict is not the one proposed: up to 2,000 characters.',
    }),
    replaces: t.id({
      description: 'The client’s latest decision, as the caller knows it; null = there was none.',
    }),
  }),
})

builder.mutationField('decide', (t) =>
  t.field({
    type: Decision,
    description:
      'Decides on a client’s latest score. An override needs a reason, and above the policy’s amount a second person’s approval. Their manager and admins only, and nobody for themselves.',
    authScopes: { signedIn: true },
    errors: {
      types: [
        ...[InvalidInputError, ScoreOutdatedError, DecisionConflictError],
        ...[DeskForbiddenError, NotFoundError],
      ],
    },
    args: { input: t.arg({ type: DecideInput, required: true }) },
    resolve: async (_root, { input: { score, replaces, ...verdict } }, context) => {
      const { desk, me } = await deskCaller(context)
      return decide(desk, me, {
        ...verdict,
        scoreId: rowId('Score', score),
        replaces: replaces == null ? null : rowId('Decision', replaces),
      })
    },
  }),
)

builder.mutationField('approveDecision', (t) =>
  t.field({
    type: Decision,
    description:
      'Approves another person’s override, which stands from then on; who does not approve decides anew instead. The client’s manager and admins only.',
    authScopes: { signedIn: true },
    errors: {
      types: [SecondPersonError, DecisionNotWaitingError, DeskForbiddenError, NotFoundError],
    },
    args: { decision: t.arg.id({ required: true }) },
    resolve: async (_root, { decision }, context) => {
      const { desk, me } = await deskCaller(context)
      return approveDecision(desk, me, rowId('Decision', decision))
    },
  }),
)
