import { DeskForbiddenError } from '@presage/domain/desk/errors'
import { cancelRun } from '@presage/domain/desk/runs/cancel-run'
import {
  rescoreClients,
  rescorePortfolio,
  type StartedRun,
} from '@presage/domain/desk/runs/start-run'
import { IdempotencyConflictError, InvalidInputError, NotFoundError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { rowId } from '../node-id.js'
import { deskCaller } from './desk-caller.js'
import { DeskRun } from './run.js'

const RescorePayload = builder.objectRef<StartedRun>('RescorePayload').implement({
  fields: (t) => ({
    run: t.expose('run', { type: DeskRun }),
    replayed: t.exposeBoolean('replayed', {
      description: 'true = the key had been used; nothing was charged again',
    }),
  }),
})

const KEY = '1 to 64 characters, bound to the first run that it began.'
const types = [DeskForbiddenError, InvalidInputError, NotFoundError, IdempotencyConflictError]

builder.mutationFields((t) => ({
  rescoreClients: t.field({
    type: RescorePayload,
    description:
      'Asks for new scores of clients whom the caller looks after, paid by whom the policy names. Who cannot be scored is told in the run.',
    authScopes: { signedIn: true },
    errors: { types },
    args: {
      clients: t.arg.idList({ required: true, description: '1 to 10,000.' }),
      idempotencyKey: t.arg.string({ required: true, description: KEY }),
    },
    resolve: async (_root, { clients, idempotencyKey }, context) => {
      const { desk, me } = await deskCaller(context)
      const ids = clients.map((id) => rowId('Client', String(id)))
      return rescoreClients(desk, me, ids, idempotencyKey)
    },
  }),
  rescorePortfolio: t.field({
    type: RescorePayload,
    description:
      'The same for all clients of the caller; for an admin, of a manager or of the desk.',
    authScopes: { signedIn: true },
    errors: { types },
    args: {
      manager: t.arg.id({ description: 'Admins only; null = all of the desk.' }),
      idempotencyKey: t.arg.string({ required: true, description: KEY }),
    },
    resolve: async (_root, { manager, idempotencyKey }, context) => {
      const { desk, me } = await deskCaller(context)
      const managerId = manager == null ? null : rowId('Manager', manager)
      return rescorePortfolio(desk, me, managerId, idempotencyKey)
    },
  }),
  cancelDeskRun: t.field({
    type: DeskRun,
    description:
      'Ends what of a run has not ended and gives back what it held; scores that were recorded stay.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const { desk, me } = await deskCaller(context)
      return cancelRun(desk, me, rowId('DeskRun', id))
    },
  }),
}))
