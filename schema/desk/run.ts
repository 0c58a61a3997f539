import { findRun } from '@presage/domain/desk/runs/read-run'
import { type DeskRun as DeskRunValue, openOf } from '@presage/domain/desk/runs/run'
import {
  type BandShift,
  type Mover,
  type Refused,
  readBandShifts,
  readMovers,
  readRefused,
} from '@presage/domain/desk/runs/run-summary'
import { watchRun } from '@presage/domain/desk/runs/watch-run'
import { NotFoundError } from '@presage/domain/errors'
import { builder, MAX_PAGE } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { rowId, uuidOrNone } from '../node-id.js'
import { signedIn } from '../signed-in.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'
import { ofRuns } from './of-runs.js'
import { theirClient } from './their-client.js'
import { told, watched } from './watched.js'

const BandShiftType = builder.objectRef<BandShift>('BandShift').implement({
  description: 'How many clients of a run are in a band.',
  fields: (t) => ({
    band: t.exposeString('band', { nullable: true, description: 'null = unscored' }),
    before: t.exposeInt('before', { description: 'When the run was asked for.' }),
    after: t.exposeInt('after', { description: 'With the scores that it has given by now.' }),
  }),
})

const MoverType = builder.objectRef<Mover>('Mover').implement({
  description: 'A client whose rating a run has changed.',
  fields: (t) => ({
    client: t.field(theirClient),
    ratingBefore: t.exposeFloat('ratingBefore'),
    ratingAfter: t.exposeFloat('ratingAfter'),
    bandBefore: t.exposeString('bandBefore'),
    bandAfter: t.exposeString('bandAfter'),
  }),
})

const RefusedClient = builder.objectRef<Refused>('RefusedClient').implement({
  description: 'A client of a run who could not be asked about.',
  fields: (t) => ({
    client: t.field(theirClient),
    code: t.exposeString('code', {
      description: 'Stable: NOTHING_TO_SCORE, INSUFFICIENT_FUNDS, INVALID_INPUT …',
    }),
  }),
})

const DeskRunProgress = builder.objectRef<DeskRunValue>('DeskRunProgress').implement({
  description: 'How far a run is: refused + open + scored + failed + canceled = total.',
  fields: (t) => ({
    total: t.exposeInt('size'),
    open: t.int({ resolve: openOf }),
    refused: t.exposeInt('refused', {
      description: 'Could not be scored, or not be paid for; they cost nothing.',
    }),
    scored: t.exposeInt('scored', { description: 'The score is recorded.' }),
    failed: t.exposeInt('failed', { description: 'Ended without a score; they cost nothing.' }),
    canceled: t.exposeInt('canceled'),
  }),
})

const credits = (of: (run: DeskRunValue) => bigint) => (run: DeskRunValue) => Number(of(run))

const DeskRunCharge = builder.objectRef<DeskRunValue>('DeskRunCharge').implement({
  description: 'What a run costs whoever the policy has pay, in credits.',
  fields: (t) => ({
    held: t.field({ type: 'SafeInt', resolve: credits(({ held }) => held) }),
    charged: t.field({ type: 'SafeInt', resolve: credits(({ charged }) => charged) }),
    released: t.field({ type: 'SafeInt', resolve: credits(({ released }) => released) }),
  }),
})

const bandsOf = ofRuns((desk, runIds) => readBandShifts(desk, runIds))
const moversOf = ofRuns(readMovers)
const refusedOf = ofRuns(readRefused)

/** A rescoring of many. */
export const DeskRun = builder.objectRef<DeskRunValue>('DeskRun')

const first = (limit: number) => Math.min(Math.max(limit, 0), MAX_PAGE)

builder.node(DeskRun, {
  description: 'A rescoring of many clients: seen by who asked for it and by admins.',
  id: { resolve: ({ id }) => id },
  isTypeOf: (value) =>
    typeof value === 'object' && value !== null && 'askedBy' in value && 'charged' in value,
  loadOne: async (id, context) => {
    if (!context.viewer) return null
    const { desk, me } = await deskCaller(context)
    return findRun(desk, me, uuidOrNone(id))
  },
  fields: (t) => ({
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    askedBy: t.field({
      type: Manager,
      nullable: true,
      description: 'null = an admin',
      resolve: async ({ askedBy }, _args, context) =>
        (await deskCaller(context)).load.manager.load(askedBy),
    }),
    canceledAt: t.expose('canceledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = nobody has canceled it',
    }),
    finishedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'null = not ended',
      resolve: (run) => (openOf(run) === 0 ? (run.lastEndAt ?? run.createdAt) : null),
    }),
    progress: t.field({ type: DeskRunProgress, resolve: (run) => run }),
    charge: t.field({ type: DeskRunCharge, resolve: (run) => run }),
    bands: t.field({
      type: [BandShiftType],
      description: 'The distribution before it and as it stands.',
      resolve: ({ id }, _args, context) => bandsOf(id, MAX_PAGE, context),
    }),
    movers: t.field({
      type: [MoverType],
      description: `Whose rating has changed most, either way; at most ${MAX_PAGE}.`,
      args: { first: t.arg.int({ required: true, defaultValue: 10 }) },
      resolve: ({ id }, args, context) => moversOf(id, first(args.first), context),
    }),
    refused: t.field({
      type: [RefusedClient],
      description: `Who could not be asked about; the first ${MAX_PAGE} at most.`,
      args: { first: t.arg.int({ required: true, defaultValue: MAX_PAGE }) },
      resolve: ({ id }, args, context) => refusedOf(id, first(args.first), context),
    }),
  }),
})

builder.subscriptionField('deskRun', (t) =>
  t.field({
    type: DeskRun,
    description:
      'The run now, then as it goes on, at most four times a second, until it has ended.',
    authScopes: { signedIn: true },
    args: { id: t.arg.id({ required: true }) },
    subscribe: (_root, { id }, { creditDesk, viewer }) =>
      watched(watchRun(creditDesk, signedIn(viewer), rowId('DeskRun', id))),
    resolve: async (event, _args, context) => {
      const run = await told(event)
      const { me } = await deskCaller(context)
      if (me.isAdmin || (me.isManager && run.askedBy === me.userId)) return run
      return orGraphQLError(Promise.reject(new NotFoundError('No such run.')))
    },
  }),
)
