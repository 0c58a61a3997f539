import type { Desk } from '@presage/domain/desk/desk'
import { type DeskViewer, deskViewer } from '@presage/domain/desk/desk-viewer'
import type { GraphQLContext } from '../context.js'
import { signedIn } from '../signed-in.js'
import { type DeskLoaders, deskLoaders } from './desk-loaders.js'

/** The desk as one request sees it. */
export interface DeskCaller {
  desk: Desk
  me: DeskViewer
  load: DeskLoaders
}

const callers = new WeakMap<GraphQLContext, Promise<DeskCaller>>()

/** The caller's roles at the desk, looked up once for each request or event. */
export function deskCaller(context: GraphQLContext): Promise<DeskCaller> {
  const known = callers.get(context) ?? lookUp(context)
  callers.set(context, known)
  return known
}

async function lookUp({ creditDesk: desk, viewer }: GraphQLContext): Promise<DeskCaller> {
  const me = await deskViewer(desk, signedIn(viewer))
  return { desk, me, load: deskLoaders(desk, me) }
}
