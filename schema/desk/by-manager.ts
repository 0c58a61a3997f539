import type { GraphQLContext } from '../context.js'
import { deskCaller } from './desk-caller.js'
import { Manager } from './manager.js'

/** The options of a field that tells which manager did what a row says; null = an admin did. */
export const byManager = <Row>(actorOf: (row: Row) => string) => ({
  type: Manager,
  nullable: true as const,
  description: 'null = an admin',
  resolve: async (row: Row, _args: object, context: GraphQLContext) =>
    (await deskCaller(context)).load.manager.load(actorOf(row)),
})
