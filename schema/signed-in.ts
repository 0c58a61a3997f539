import type { Viewer } from '@presage/domain/viewer'
import { GraphQLError } from 'graphql'

/** The viewer of a field behind the scope `signedIn` or `may`. */
export function signedIn(viewer: Viewer | null): Viewer {
  if (viewer) return viewer
  throw new GraphQLError('Log in first.', { extensions: { code: 'UNAUTHENTICATED' } })
}
