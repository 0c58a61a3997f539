import type { Domain } from '@presage/domain/domain'
import { type Charge as ChargeValue, chargeOf } from '@presage/domain/predictions/charge'
import type { Prediction as Row } from '@presage/domain/predictions/prediction'
import {
  storedExplanation,
  storedFailure,
  storedInput,
  storedOutput,
} from '@presage/domain/predictions/stored'
import type { Failure as FailureValue } from '@presage/messages/result'
import { PredictionStatus as Statuses } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { describeDerived } from '../catalogue/feature.js'
import { Model } from '../catalogue/model.js'
import { Variant } from '../catalogue/variant.js'
import type { QueuePosition as Position } from '../context.js'
import { NO_ID, uuidOrNone } from '../node-id.js'
import { Explanation } from './explanation.js'
import { Output } from './output.js'
import { sentInput } from './sent-input.js'
import { isWithheld } from './withheld.js'

export const PredictionStatus = builder.enumType(Statuses, { name: 'PredictionStatus' })

const Charge = builder.objectRef<ChargeValue>('Charge').implement({
  description: 'What a prediction costs, in credits: held + captured + released = price once run.',
  fields: (t) => ({
    price: t.field({ type: 'SafeInt', resolve: ({ price }) => price }),
    held: t.field({ type: 'SafeInt', resolve: ({ held }) => held }),
    captured: t.field({ type: 'SafeInt', resolve: ({ captured }) => captured }),
    released: t.field({ type: 'SafeInt', resolve: ({ released }) => released }),
  }),
})

const Failure = builder.objectRef<FailureValue>('Failure').implement({
  description: 'Why nothing came out. The credits were released.',
  fields: (t) => ({ code: t.exposeString('code'), message: t.exposeString('message') }),
})

const QueuePosition = builder.objectRef<Position>('QueuePosition').implement({
  description: 'An estimate, at most about a second old.',
  fields: (t) => ({
    ahead: t.exposeInt('ahead'),
    startsAbout: t.expose('startsAbout', { type: 'DateTime' }),
  }),
})

/** The variant that a prediction was made with; undefined when it is not installed any more. */
export const variantOf = (
  { model, version, variant }: Pick<Row, 'model' | 'version' | 'variant'>,
  { catalogue }: Pick<Domain, 'catalogue'>,
) => catalogue.version(model, version)?.card.variants.find(({ name }) => name === variant)

/** One prediction, from draft to its end. */
export const Prediction = builder.prismaNode('Prediction', {
  description: 'One prediction, from draft to its end.',
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id: uuidOrNone(id), userId: viewer?.userId ?? NO_ID }),
  fields: (t) => ({
    status: t.expose('status', { type: PredictionStatus }),
    revision: t.exposeInt('revision', { description: 'Raised by each change.' }),
    model: t.field({
      type: Model,
      nullable: true,
      description: 'null = not installed any more',
      resolve: ({ model, version }, _args, { domain }) =>
        domain.catalogue.version(model, version) ?? domain.catalogue.model(model) ?? null,
    }),
    version: t.exposeString('version'),
    variant: t.field({
      type: Variant,
      nullable: true,
      description: 'null = not installed any more',
      resolve: (prediction, _args, { domain }) => {
        const variant = variantOf(prediction, domain)
        return variant ? { ...variant, model: prediction.model } : null
      },
    }),
    input: t.field({
      type: 'JSON',
      description: 'The features as they were sent, units included; they can be sent again.',
      resolve: (prediction, _args, context) => {
        const { model, version } = prediction
        const card = context.domain.catalogue.version(model, version)?.card
        return isWithheld(prediction, context) ? {} : sentInput(card, storedInput(prediction))
      },
    }),
    withheld: t.boolean({
      description:
        'Whether it tells of another person’s health: then its input reads as {}, and output and explanation as null.',
      resolve: (prediction, _args, context) => isWithheld(prediction, context),
    }),
    erasedAt: t.expose('erasedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since then the input and its explanation are gone; null = they are kept.',
    }),
    charge: t.field({ type: Charge, resolve: chargeOf }),
    output: t.field({
      type: Output,
      nullable: true,
      description: 'SUCCEEDED only',
      resolve: (prediction, _args, context) => {
        const { domain } = context
        const output = isWithheld(prediction, context) ? null : storedOutput(prediction)
        return (
          output && {
            ...output,
            stated: variantOf(prediction, domain)?.interval,
            of: prediction,
          }
        )
      },
    }),
    explanation: t.field({
      type: Explanation,
      nullable: true,
      description: 'SUCCEEDED and asked for',
      resolve: (prediction, _args, context) => {
        const { domain } = context
        const explanation = isWithheld(prediction, context) ? null : storedExplanation(prediction)
        const installed = domain.catalogue.version(prediction.model, prediction.version)
        return (
          explanation && {
            explanation,
            features: installed
              ? [...installed.card.features, ...describeDerived(installed.card.derived)]
              : [],
            health: installed ? installed.card.healthData !== undefined : true,
          }
        )
      },
    }),
    failure: t.field({
      type: Failure,
      nullable: true,
      description: 'FAILED and EXPIRED only',
      resolve: storedFailure,
    }),
    queue: t.field({
      type: QueuePosition,
      nullable: true,
      description: 'QUEUED only, while the broker can tell',
      resolve: (prediction, _args, { queuePosition }) =>
        prediction.status === 'QUEUED' ? queuePosition(prediction) : null,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = not marked as running: waiting, or done too quickly to tell',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = not ended',
    }),
    deadline: t.expose('deadline', {
      type: 'DateTime',
      nullable: true,
      description: 'null = a draft',
    }),
  }),
})
