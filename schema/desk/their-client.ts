import type { GraphQLContext } from '../context.js'
import { Client } from './client.js'
import { deskCaller } from './desk-caller.js'
import { Score } from './score.js'

const NOT_THEIRS = 'null = not the caller’s any more'

/** The client that something of the desk is about, as a field. */
export const theirClient = {
  type: Client,
  nullable: true,
  description: NOT_THEIRS,
  resolve: async ({ clientId }: { clientId: string }, _args: unknown, context: GraphQLContext) =>
    (await deskCaller(context)).load.client.load(clientId),
} as const

/** The score of a client that it is about, likewise. */
export const theirScore = {
  type: Score,
  nullable: true,
  description: NOT_THEIRS,
  resolve: async (
    { clientId, scoreId }: { clientId: string; scoreId: string },
    _args: unknown,
    context: GraphQLContext,
  ) => {
    const { load } = await deskCaller(context)
    return (await load.client.load(clientId)) && load.score.load(scoreId)
  },
} as const
