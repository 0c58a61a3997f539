import { declineLetter, type DeclineLetter as Letter } from '@presage/domain/desk/decline-letter'
import type { Reason } from '@presage/domain/desk/reasons'
import { builder } from '../builder.js'
import { Decision } from './decision.js'
import { deskCaller } from './desk-caller.js'

const LetterReason = builder.objectRef<Reason>('LetterReason').implement({
  description: 'A fact that raised the risk.',
  fields: (t) => ({
    title: t.exposeString('title', { description: 'In the words of the model’s card.' }),
    value: t.exposeString('value', { description: 'With its unit or currency, e.g. NT$5,000.' }),
  }),
})

const DeclineLetter = builder.objectRef<Letter>('DeclineLetter').implement({
  description: 'What a client is written to whose credit was declined.',
  fields: (t) => ({
    date: t.expose('date', { type: 'DateTime', description: 'Since when the decision stands.' }),
    salutation: t.exposeString('salutation'),
    decided: t.exposeString('decided'),
    reasons: t.expose('reasons', {
      type: [LetterReason],
      description: 'The weightiest first, at most four; never of a protected field.',
    }),
    mayDo: t.exposeStringList('mayDo'),
  }),
})

builder.objectField(Decision, 'letter', (t) =>
  t.field({
    type: DeclineLetter,
    nullable: true,
    description:
      'null = it does not stand or is no decline, or the reasons were erased, or the client is not the caller’s any more.',
    resolve: async (decision, _args, context) => {
      const { desk, load } = await deskCaller(context)
      const [client, score] = await Promise.all([
        load.client.load(decision.clientId),
        load.score.load(decision.scoreId),
      ])
      if (!client || !score) return null
      const card = desk.domain.catalogue.version(score.model, score.version)?.card
      return card ? declineLetter({ decision, client, score, card }) : null
    },
  }),
)
