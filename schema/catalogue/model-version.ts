import { compareShadow } from '@presage/domain/catalogue/compare-shadow'
import { readChanges, readVersions } from '@presage/domain/catalogue/read-versions'
import {
  VersionState as States,
  type ModelVersion as Version,
} from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'
import { ModelChange } from './model-change.js'
import { ShadowComparison } from './shadow-comparison.js'

const VersionState = builder.enumType(States, {
  name: 'VersionState',
  description: 'SHADOW = tried beside the one on sale, RETIRED = was on sale or may be pinned.',
})

export const ModelVersion = builder.objectRef<Version>('ModelVersion').implement({
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
      type: ShadowComparison,
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
