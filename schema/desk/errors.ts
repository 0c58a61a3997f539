import {
  AlreadyThereError,
  DeskForbiddenError,
  ManagerDismissedError,
  MonthTakenError,
  NothingToScoreError,
  StaleEditError,
} from '@presage/domain/desk/errors'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { Client } from './client.js'

builder.objectType(DeskForbiddenError, {
  name: 'DeskForbiddenError',
  description: 'The caller’s role at the desk does not permit this.',
  interfaces: [ErrorInterface],
})

builder.objectType(StaleEditError, {
  name: 'StaleEditError',
  description: 'Somebody else has edited the client since; nothing was changed.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    current: t.field({
      type: Client,
      description: 'As it is now: the newer values, and the version to edit.',
      resolve: ({ current }) => current,
    }),
  }),
})

builder.objectType(MonthTakenError, {
  name: 'MonthTakenError',
  description: 'The month stands in the line’s history already.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ month: t.exposeString('month') }),
})

builder.objectType(AlreadyThereError, {
  name: 'AlreadyThereError',
  description: 'The account is a client’s or a manager’s already, or the client has a credit line.',
  interfaces: [ErrorInterface],
})

builder.objectType(ManagerDismissedError, {
  name: 'ManagerDismissedError',
  description: 'The manager was dismissed, and runs no portfolio.',
  interfaces: [ErrorInterface],
})

builder.objectType(NothingToScoreError, {
  name: 'NothingToScoreError',
  description: 'There is no credit line, or no month of its history, to score from.',
  interfaces: [ErrorInterface],
})
