import { NothingToScoreError } from '@presage/domain/desk/errors'
import {
  type Help,
  type Outlook,
  type WhatWouldHelp as Told,
  whatWouldHelp,
} from '@presage/domain/desk/what-would-help'
import { InvalidInputError, NotFoundError, RateLimitedError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { Client } from './client.js'
import { deskCaller } from './desk-caller.js'

const ScoreOutlook = builder.objectRef<Outlook>('ScoreOutlook').implement({
  fields: (t) => ({
    probability: t.exposeFloat('probability', { description: 'Of missing the next payment.' }),
    band: t.exposeString('band', { description: 'By the model’s card.' }),
  }),
})

const HelpStep = builder.objectRef<Help>('HelpStep').implement({
  description: 'What comes of so many further months that are paid in full and on time.',
  fields: (t) => ({
    months: t.exposeInt('months'),
    probability: t.exposeFloat('probability', {
      description: 'Of missing the payment after them.',
    }),
    band: t.exposeString('band', { description: 'By the model’s card.' }),
    text: t.exposeString('text', { description: 'For people, with the amounts to pay.' }),
  }),
})

const WhatWouldHelp = builder.objectRef<Told>('WhatWouldHelp').implement({
  description:
    'What would help a score from now on: past months stay as they are, the limit too, and the model scores further ones.',
  fields: (t) => ({
    now: t.expose('now', { type: ScoreOutlook, description: 'With the history as it is.' }),
    steps: t.expose('steps', { type: [HelpStep], description: 'The fewest months first.' }),
    remaining: t.exposeInt('remaining', {
      description: 'Questions that may still be asked today.',
    }),
  }),
})

builder.objectField(Client, 'whatWouldHelp', (t) =>
  t.field({
    type: WhatWouldHelp,
    description: 'Asked of the model on sale: unbilled, and one what-if of the caller’s.',
    errors: {
      types: [InvalidInputError, NothingToScoreError, RateLimitedError, NotFoundError],
    },
    resolve: async ({ userId }, _args, context) => {
      const { desk, me } = await deskCaller(context)
      return whatWouldHelp(desk, me, userId)
    },
  }),
)
