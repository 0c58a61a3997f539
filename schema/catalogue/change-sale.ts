import {
  NothingToRollBackError,
  promoteModel,
  rollBackModel,
  VersionNotInstalledError,
} from '@presage/domain/catalogue/change-sale'
import { readVersions } from '@presage/domain/catalogue/read-versions'
import { InvalidInputError, NotFoundError } from '@presage/domain/errors'
import type {
  ModelChange as Change,
  ModelVersion as Version,
} from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { ErrorInterface } from '../errors.js'
import { signedIn } from '../signed-in.js'
import { ModelChange } from './model-change.js'
import { ModelVersion } from './model-version.js'

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
