import { listRuns } from '@presage/domain/desk/runs/read-run'
import { builder } from '../builder.js'
import { orGraphQLError } from '../errors.js'
import { idCursors } from '../id-cursor.js'
import { keysetConnection } from '../keyset-connection.js'
import { Desk } from './desk.js'
import { deskCaller } from './desk-caller.js'
import { DeskRun } from './run.js'

const { toCursor, idOf } = idCursors('DeskRun')

/** Runs of a page: each is counted anew, over up to 10,000 clients. */
const MOST = 25

builder.objectField(Desk, 'runs', (t) =>
  t.connection({
    type: DeskRun,
    description: `A manager’s own rescorings, an admin’s all; newest first. At most ${MOST} a page.`,
    resolve: (_desk, args, context) =>
      keysetConnection({ args, toCursor, maxSize: MOST }, async (page) => {
        const { after, before, limit, inverted } = page
        const { desk, me } = await deskCaller(context)
        const slice = { after: idOf(after), before: idOf(before), limit, inverted }
        return orGraphQLError(listRuns(desk, me, slice))
      }),
  }),
)
