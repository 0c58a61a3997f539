import type { SessionTokens } from '@presage/domain/identity/session-tokens'
import { GraphQLError } from 'graphql'
import type { GraphQLContext } from '../context.js'

const NAME = 'presage_refresh'

/** The refresh token that a browser sent by itself. */
export const readRefreshCookie = ({ cookies }: GraphQLContext): string | undefined =>
  cookies?.get(NAME)

/** @throws GraphQLError BAD_USER_INPUT where no cookie can be set: before a session is begun. */
export function checkCookies({ cookies }: GraphQLContext): void {
  if (cookies) return
  throw new GraphQLError('A socket carries no cookie. Send this over HTTP, or ask for BODY.', {
    extensions: { code: 'BAD_USER_INPUT', path: ['delivery'] },
  })
}

/** Hands the refresh token to the browser, out of reach of its scripts, for as long as it is good. */
export function writeRefreshCookie(
  { cookies, domain }: GraphQLContext,
  { refreshToken, refreshTokenExpiresAt }: SessionTokens,
): void {
  const leftMs = refreshTokenExpiresAt.getTime() - domain.identity.now().getTime()
  cookies?.set(NAME, refreshToken, { maxAgeS: Math.floor(leftMs / 1000) })
}

/** Takes the refresh token from the browser, if it has one. */
export function clearRefreshCookie(context: GraphQLContext): void {
  if (readRefreshCookie(context) !== undefined) context.cookies?.set(NAME, '', { maxAgeS: 0 })
}
