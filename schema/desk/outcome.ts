import {
  type CalibrationBin as Bin,
  calibration,
  type Calibration as Figures,
} from '@presage/domain/desk/calibration'
import { DeskForbiddenError, OutcomeTakenError } from '@presage/domain/desk/errors'
import { type Outcome, recordOutcome } from '@presage/domain/desk/record-outcome'
import { NotFoundError } from '@presage/domain/errors'
import type { Estimate } from '@presage/models/metrics/judged'
import { builder } from '../builder.js'
import { ErrorInterface, orGraphQLError } from '../errors.js'
import { rowId } from '../node-id.js'
import { Desk } from './desk.js'
import { deskCaller } from './desk-caller.js'
import { Score } from './score.js'

const ScoreOutcome = builder.objectRef<Outcome>('ScoreOutcome').implement({
  description: 'Whether the payment that a score was about was missed; it never changes.',
  fields: (t) => ({
    missed: t.exposeBoolean('missed'),
    month: t.exposeString('month', {
      description: 'The first day of the month after the score’s.',
    }),
    recordedAt: t.expose('recordedAt', { type: 'DateTime' }),
  }),
})

builder.objectField(Score, 'outcome', (t) =>
  t.field({
    type: ScoreOutcome,
    nullable: true,
    description: 'What came of it; null = it is not known yet.',
    resolve: async ({ id }, _args, context) => (await deskCaller(context)).load.outcome.load(id),
  }),
)

builder.objectType(OutcomeTakenError, {
  name: 'OutcomeTakenError',
  description: 'The outcome of the score was recorded before; nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ outcome: t.expose('outcome', { type: ScoreOutcome }) }),
})

builder.mutationField('recordOutcome', (t) =>
  t.field({
    type: ScoreOutcome,
    description:
      'Records whether the payment that a score was about was missed, once. The client’s manager and admins only.',
    authScopes: { signedIn: true },
    errors: { types: [OutcomeTakenError, DeskForbiddenError, NotFoundError] },
    args: {
      score: t.arg.id({ required: true }),
      missed: t.arg.boolean({ required: true }),
    },
    resolve: async (_root, { score, missed }, context) => {
      const { desk, me } = await deskCaller(context)
      return recordOutcome(desk, me, rowId('Score', score), missed)
    },
  }),
)

const AreaUnderCurve = builder.objectRef<Estimate>('AreaUnderCurve').implement({
  description: 'With the ends of its 95 % interval.',
  fields: (t) => ({
    value: t.exposeFloat('value'),
    low: t.float({
      nullable: true,
      description: 'null = too few',
      resolve: ({ low }) => finite(low),
    }),
    high: t.float({
      nullable: true,
      description: 'null = too few',
      resolve: ({ high }) => finite(high),
    }),
  }),
})

/** The interval of one row of a class is not a number. */
const finite = (value: number) => (Number.isFinite(value) ? value : null)

const CalibrationBin = builder.objectRef<Bin>('CalibrationBin').implement({
  description: 'Scores of a tenth of the range of probability.',
  fields: (t) => ({
    from: t.exposeFloat('from'),
    to: t.exposeFloat('to'),
    count: t.exposeInt('count'),
    expected: t.exposeFloat('expected', {
      nullable: true,
      description: 'The mean probability; null = there are none.',
    }),
    observed: t.exposeFloat('observed', {
      nullable: true,
      description: 'The share that was missed; null = there are none.',
    }),
  }),
})

const Calibration = builder.objectRef<Figures>('Calibration').implement({
  description:
    'How a version of the model does, over the latest 20,000 scores whose outcome is known.',
  fields: (t) => ({
    version: t.exposeString('version'),
    count: t.exposeInt('count'),
    missed: t.exposeInt('missed'),
    brier: t.exposeFloat('brier', { nullable: true, description: 'null = no outcome is known' }),
    auc: t.expose('auc', {
      type: AreaUnderCurve,
      nullable: true,
      description: 'null = the outcomes known are all the same, or none.',
    }),
    bins: t.expose('bins', { type: [CalibrationBin], description: 'Ten, of equal width.' }),
  }),
})

builder.objectField(Desk, 'calibration', (t) =>
  t.field({
    type: Calibration,
    description: 'Of the whole desk for admins, of their own portfolio for managers.',
    args: { version: t.arg.string({ required: true, description: 'Of the model.' }) },
    resolve: async (_desk, { version }, context) => {
      const { desk, me } = await deskCaller(context)
      return orGraphQLError(calibration(desk, me, version))
    },
  }),
)
