import { encodeGlobalID } from '@pothos/plugin-relay'
import {
  ModelAction as Actions,
  type ModelChange as Change,
} from '@presage/prisma/generated/client/client'
import { builder } from '../builder.js'

const ModelAction = builder.enumType(Actions, { name: 'ModelAction' })

export const ModelChange = builder.objectRef<Change>('ModelChange').implement({
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
