import { type AuthFailure, AuthScopeFailureType } from '@pothos/plugin-scope-auth'
import type { ApiKeyScope, Viewer } from '@presage/domain/viewer'
import { GraphQLError } from 'graphql'
import type { GraphQLContext } from './context.js'

/** Whether a caller is a person by a session, also one who has to enrol a second factor first. */
export const isPerson = (viewer: Viewer | null): boolean =>
  viewer !== null && viewer.apiKey === undefined

/**
 * Whether a caller has all the rights of its user. An API key has not: it reaches only the fields
 * that name one of its scopes, so that a new field is closed to keys until somebody opens it.
 */
export const hasAllRights = (viewer: Viewer | null): boolean =>
  isPerson(viewer) && viewer?.mustEnrol !== true

/** Whether a caller may do what API keys need this scope for. */
export const may = (viewer: Viewer | null, scope: ApiKeyScope): boolean =>
  viewer !== null && (viewer.apiKey?.scopes.includes(scope) ?? hasAllRights(viewer))

/** The scopes of a field that also answers who is signed out, by what it stands on. */
export const orSignedOut =
  (scope: ApiKeyScope) =>
  (_parent: unknown, _args: unknown, { viewer }: Pick<GraphQLContext, 'viewer'>) =>
    viewer === null || { may: scope }

/** The same for what is the viewer's: a session that has just begun answers for itself. */
export const ofViewer =
  (scope: ApiKeyScope) =>
  (owner: Viewer, _args: unknown, { viewer }: Pick<GraphQLContext, 'viewer'>) =>
    viewer === null ? hasAllRights(owner) : { may: scope }

/** Why a caller is refused; `extensions.scope` is what its API key lacks. */
export function refusalOf(viewer: Viewer | null, failure: AuthFailure): GraphQLError {
  if (!viewer) return new GraphQLError('Log in first.', { extensions: { code: 'UNAUTHENTICATED' } })
  if (viewer.mustEnrol)
    return new GraphQLError('Your role needs a second factor: enrol one first.', {
      extensions: { code: 'TOTP_ENROLMENT_REQUIRED' },
    })
  if (!viewer.apiKey) return forbidden('Your role does not permit this.')
  const lacks = lackingScope(failure)
  return lacks
    ? forbidden(`This API key lacks the scope ${lacks}.`, { scope: lacks })
    : forbidden('No API key permits this: log in.')
}

/** The scope among the conditions of a field, which failed together or one by one. */
function lackingScope(failure: AuthFailure): string | undefined {
  if ('failures' in failure) return failure.failures.map(lackingScope).find(Boolean)
  const isScope = failure.kind === AuthScopeFailureType.AuthScope && failure.scope === 'may'
  return isScope ? String(failure.parameter) : undefined
}

const forbidden = (message: string, extensions: Record<string, unknown> = {}): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'FORBIDDEN', ...extensions } })
