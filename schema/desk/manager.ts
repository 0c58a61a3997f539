import { type DeskManager, readManagers } from '@presage/domain/desk/read-managers'
import { builder } from '../builder.js'
import { uuidOrNone } from '../node-id.js'
import { deskCaller } from './desk-caller.js'

/** Who runs a portfolio. */
export const Manager = builder.objectRef<DeskManager>('Manager')

builder.node(Manager, {
  description: 'Who runs a portfolio: seen by admins, by themselves and by their clients.',
  id: { resolve: ({ userId }) => userId },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'hiredAt' in value,
  loadOne: async (id, context) => {
    if (!context.viewer) return null
    const { desk, me } = await deskCaller(context)
    const [manager] = await readManagers(desk, me, [uuidOrNone(id)])
    return manager ?? null
  },
  fields: (t) => ({
    firstName: t.exposeString('firstName'),
    lastName: t.exposeString('lastName'),
    email: t.exposeString('email'),
    phone: t.exposeString('phone', { nullable: true, description: 'null = none was given' }),
    hiredAt: t.expose('hiredAt', { type: 'DateTime' }),
    dismissedAt: t.expose('dismissedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'null = still there; a dismissed manager has no clients.',
    }),
  }),
})
