import { ConsentRequiredError } from '@presage/domain/consents/consent-required-error'
import { giveConsent } from '@presage/domain/consents/give-consent'
import { listConsents } from '@presage/domain/consents/list-consents'
import { type Withdrawal, withdrawConsent } from '@presage/domain/consents/withdraw-consent'
import { NotFoundError } from '@presage/domain/errors'
import type { Consent as ConsentRow } from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { Viewer } from '../identity/viewer.js'
import { signedIn } from '../signed-in.js'

builder.objectType(ConsentRequiredError, {
  name: 'ConsentRequiredError',
  description:
    'The model handles health data, and the user has not agreed to the text in force. Nothing was held, stored or bound.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    modelName: t.exposeString('model'),
    consentVersion: t.exposeInt('version', {
      description: 'Of the text in force, for giveConsent.',
    }),
    consentText: t.exposeString('text', { description: 'What is to be agreed to.' }),
  }),
})

const Consent = builder.objectRef<ConsentRow>('Consent').implement({
  description: 'What a user agrees to at present.',
  fields: (t) => ({
    modelName: t.exposeString('model'),
    consentVersion: t.exposeInt('version', { description: 'Of the text that was agreed to.' }),
    givenAt: t.expose('givenAt', { type: 'DateTime' }),
    inForce: t.boolean({
      description: 'false = the model is gone, or has another text by now, to be agreed to anew.',
      resolve: ({ model, version }, _args, { domain }) => {
        const asked = domain.catalogue.model(model)?.card.healthData
        return asked !== undefined && version >= asked.consentVersion
      },
    }),
  }),
})

builder.objectField(Viewer, 'consents', (t) =>
  t.field({
    type: [Consent],
    description: 'By the names of the models of health data; those withdrawn are in the export.',
    resolve: ({ userId }, _args, { domain }) => listConsents(domain, userId),
  }),
)

const GiveConsentPayload = builder.objectRef<ConsentRow>('GiveConsentPayload').implement({
  fields: (t) => ({ consent: t.field({ type: Consent, resolve: (consent) => consent }) }),
})

builder.mutationField('giveConsent', (t) =>
  t.field({
    type: GiveConsentPayload,
    description:
      'Agrees to what a model of health data asks for; a person’s session only, and its API keys stand on it. It is written down with its time and text.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError, ConsentRequiredError] },
    args: {
      model: t.arg.string({ required: true, description: 'Its name.' }),
      version: t.arg.int({
        required: true,
        description: 'Of the text that was read: healthData.consentVersion.',
      }),
    },
    resolve: (_root, agreed, { domain, viewer }) => giveConsent(domain, signedIn(viewer), agreed),
  }),
)

const WithdrawConsentPayload = builder.objectRef<Withdrawal>('WithdrawConsentPayload').implement({
  fields: (t) => ({
    modelName: t.exposeString('model'),
    canceled: t.exposeInt('canceled', {
      description: 'Predictions that had not ended; they cost nothing.',
    }),
    erased: t.exposeInt('erased', {
      description: 'Predictions and drafts of which nothing but the charge is left.',
    }),
  }),
})

builder.mutationField('withdrawConsent', (t) =>
  t.field({
    type: WithdrawConsentPayload,
    description:
      'Takes a consent back: nothing new of this model is accepted from this moment on, and what has not ended is canceled. It may be repeated.',
    authScopes: { signedIn: true },
    errors: { types: [NotFoundError] },
    args: {
      model: t.arg.string({ required: true, description: 'Its name.' }),
      erase: t.arg.boolean({
        required: true,
        defaultValue: false,
        description:
          'Whether what was sent to it and computed by it is erased at once, for good, drafts included; else what was sent stays for the inputsKeptDays of its card.',
      }),
    },
    resolve: (_root, withdrawn, { domain, viewer }) =>
      withdrawConsent(domain, signedIn(viewer), withdrawn),
  }),
)
