import {
  type DiffPart,
  type FeatureEdit,
  type ScoreDiff as ScoreDiffValue,
  ScoreErasedError,
  scoreDiff,
} from '@presage/domain/desk/diff/score-diff'
import { InvalidInputError, NotFoundError, RateLimitedError } from '@presage/domain/errors'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { rowId } from '../node-id.js'
import { Desk } from './desk.js'
import { Score } from './score.js'

builder.objectType(ScoreErasedError, {
  name: 'ScoreErasedError',
  description: 'What one of the scores was computed from has been erased.',
  interfaces: [ErrorInterface],
})

const Edit = builder.objectRef<FeatureEdit>('FeatureEdit').implement({
  description: 'A feature of the model that two scores have otherwise.',
  fields: (t) => ({
    feature: t.exposeString('feature'),
    from: t.field({
      type: 'JSON',
      nullable: true,
      description: 'In its first unit; null = it was not given',
      resolve: ({ from }) => from,
    }),
    to: t.field({
      type: 'JSON',
      nullable: true,
      description: 'In its first unit; null = it was not given',
      resolve: ({ to }) => to,
    }),
  }),
})

const Part = builder.objectRef<DiffPart>('ScoreDiffPart').implement({
  description: 'What an edited feature did: or several, of months that came or went together.',
  fields: (t) => ({
    edits: t.field({ type: [Edit], resolve: ({ edits }) => edits }),
    change: t.exposeFloat('change', { description: 'Of the probability.' }),
  }),
})

const ScoreDiff = builder.objectRef<ScoreDiffValue>('ScoreDiff').implement({
  description: 'A change between two scores: the parts and the version’s sum to it.',
  fields: (t) => ({
    a: t.expose('a', { type: Score }),
    b: t.expose('b', { type: Score }),
    change: t.exposeFloat('change', { description: 'Of the probability, b − a.' }),
    parts: t.field({
      type: [Part],
      description: 'By the real model: Shapley values over the orders of the edits.',
      resolve: ({ parts }) => parts,
    }),
    versionChange: t.exposeFloat('versionChange', {
      nullable: true,
      description:
        'What another version of the model did with the same input; null = both are by one version, or neither is served any more, and one part tells all there is.',
    }),
  }),
})

builder.objectField(Desk, 'scoreDiff', (t) =>
  t.field({
    type: ScoreDiff,
    description: 'Why one score of a client is another than the other.',
    errors: {
      types: [NotFoundError, InvalidInputError, ScoreErasedError, RateLimitedError],
    },
    args: { a: t.arg.id({ required: true }), b: t.arg.id({ required: true }) },
    resolve: ({ desk, me }, { a, b }) => scoreDiff(desk, me, rowId('Score', a), rowId('Score', b)),
  }),
)
