import { encodeGlobalID } from '@pothos/plugin-relay'
import {
  NothingToRollBackError,
  promoteModel,
  rollBackModel,
  VersionNotInstalledError,
} from '@presage/domain/catalogue/change-sale'
import { compareShadow, type ShadowComparison } from '@presage/domain/catalogue/compare-shadow'
import { readChanges, readVersions } from '@presage/domain/catalogue/read-versions'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import {
  ModelAction as Actions,
  type ModelChange as Change,
  VersionState as States,
  type ModelVersion as Version,
} from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { signedIn } from '../signed-in.js'

builder.objectType(VersionNotInstalledError, {
  name: 'VersionNotInstalledError',
  description: 'The version is known, and its folder is not there any more.',
  interfaces: [ErrorInterface],
})

builder.objectType(NothingToRollBackError, {
  name: 'NothingToRollBackError',
  description: 'No other version has been on sale before this one.',
  interfaces: [ErrorInterface],
})

const VersionState = builder.enumType(States, {
  name: 'VersionState',
  description: 'SHADOW = tried beside the one on sale, RETIRED = was on sale or may be pinned.',
})

const ModelAction = builder.enumType(Actions, { name: 'ModelAction' })

const ModelChange = builder.objectRef<Change>('ModelChange').implement({
  description: 'What changed about a version of a model. Never changed, never deleted.',
  fields: (t) => ({
    action: t.expose('action', { type: ModelAction }),
    version: t.exposeString('version'),
    replaced: t.exposeString('replaced', {
      nullable: true,
      description: 'What was on sale before; null = it entered.',
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'null = it entered' }),
    actor: t.id({
      nullable: true,
      description:
        'Viewer.id of the admin; null = it entered, or a server promoted it as what was on sale was gone.',
      resolve: ({ actorId }) => actorId && encodeGlobalID('Viewer', actorId),
    }),
    at: t.expose('createdAt', { type: 'DateTime' }),
  }),
})

const nothing = 'null = nothing was compared'

const Comparison = builder.objectRef<ShadowComparison>('ShadowComparison').implement({
  description:
    'What a version answered as a shadow beside what was paid for, over its newest 10,000 runs. Differences are in the output’s unit, or of probabilities.',
  fields: (t) => ({
    runs: t.exposeInt('runs'),
    failed: t.exposeInt('failed', { description: 'Runs in which the shadow failed.' }),
    compared: t.exposeInt('compared', { description: 'Runs in which both have an answer.' }),
    agreeing: t.exposeInt('agreeing', {
      description: 'Of those, how many differ by no more than the card’s tolerance.',
    }),
    meanDifference: t.exposeFloat('meanDifference', { nullable: true, description: nothing }),
    largestDifference: t.exposeFloat('largestDifference', { nullable: true, description: nothing }),
    labelsDiffering: t.exposeInt('labelsDiffering', {
      nullable: true,
      description: 'Of those compared; null = the model gives no labels.',
    }),
  }),
})

const ModelVersion = builder.objectRef<Version>('ModelVersion').implement({
  description: 'A version of a model, as admins see it.',
  fields: (t) => ({
    version: t.exposeString('version'),
    state: t.expose('state', { type: VersionState }),
    changedAt: t.expose('changedAt', { type: 'DateTime' }),
    installed: t.boolean({
      description: 'Whether its folder is there, on the server that answers.',
      resolve: ({ model, version }, _args, { domain }) =>
        domain.catalogue.version(model, version) !== undefined,
    }),
    changes: t.field({
      type: [ModelChange],
      description: 'The last 100, newest first.',
      resolve: (version, _args, { domain }) => readChanges(domain, version),
    }),
    comparison: t.field({
      type: Comparison,
      nullable: true,
      description: 'null = it is not installed',
      resolve: ({ model, version }, _args, { domain }) => {
        const installed = domain.catalogue.version(model, version)
        return installed ? compareShadow(domain, installed.card) : null
      },
    }),
  }),
})

builder.queryField('modelVersions', (t) =>
  t.field({
    type: [ModelVersion],
    description: 'Newest first; empty = there is no such model. Admins only.',
    authScopes: { admin: true },
    args: { model: t.arg.string({ required: true, description: 'Model.name.' }) },
    resolve: (_root, { model }, { domain }) => readVersions(domain, model),
  }),
)

interface Changed {
  versions: Version[]
  change: Change | null
}

const ModelChangedPayload = builder.objectRef<Changed>('ModelChangedPayload').implement({
  fields: (t) => ({
    versions: t.expose('versions', { type: [ModelVersion], description: 'Newest first.' }),
    change: t.expose('change', {
      type: ModelChange,
      nullable: true,
      description: 'null = it was so already',
    }),
  }),
})

const reasonText = '1 to 500 characters, kept for good.'

builder.mutationField('promoteModel', (t) =>
  t.field({
    type: ModelChangedPayload,
    description:
      'Puts a version on sale, on all servers at once. What is under way finishes on its own. Admins only.',
    authScopes: { admin: true },
    errors: { types: [InvalidInputError, NotFoundError, VersionNotInstalledError] },
    args: {
      model: t.arg.string({ required: true, description: 'Model.name.' }),
      version: t.arg.string({ required: true }),
      reason: t.arg.string({ required: true, description: reasonText }),
    },
    resolve: async (_root, order, { domain, viewer }) => {
      const change = await promoteModel(domain, signedIn(viewer), order)
      return { change, versions: await readVersions(domain, order.model) }
    },
  }),
)

builder.mutationField('rollBackModel', (t) =>
  t.field({
    type: ModelChangedPayload,
    description:
      'Takes the last promotion back that still stands; repeated, the one before. Admins only.',
    authScopes: { admin: true },
    errors: {
      types: [InvalidInputError, NotFoundError, VersionNotInstalledError, NothingToRollBackError],
    },
    args: {
      model: t.arg.string({ required: true, description: 'Model.name.' }),
      reason: t.arg.string({ required: true, description: reasonText }),
    },
    resolve: async (_root, order, { domain, viewer }) => {
      const change = await rollBackModel(domain, signedIn(viewer), order)
      return { change, versions: await readVersions(domain, order.model) }
    },
  }),
)
