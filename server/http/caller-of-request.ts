import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Identity } from '@presage/domain/identity/identity'
import type { Cookies } from '@presage/schema/context'
import { accessOf, type Caller } from '../execution/caller.js'
import { originOfRequest } from './correlation.js'

/** How far what a request says of itself is believed. */
export interface Trust {
  /** Proxies in front of this server that write X-Forwarded-For; 0 = none. */
  proxies: number
  /** Whether cookies are for HTTPS only. */
  secureCookies: boolean
}

const BEARER = /^Bearer +(\S+) *$/i
const MAX_DEVICE_LENGTH = 200

/** Who sends a request. */
export function callerOf(
  identity: Identity,
  trust: Trust,
  request: IncomingMessage,
  response: ServerResponse,
): Caller {
  const { authorization } = request.headers
  return {
    access: accessOf(identity, authorization && BEARER.exec(authorization)?.[1]),
    address: addressOf(request, trust.proxies),
    device: deviceOf(request),
    cookies: cookiesOf(request, response, trust.secureCookies),
    origin: originOfRequest(request, response),
  }
}

/** What the caller's program calls itself. */
export const deviceOf = ({ headers }: IncomingMessage): string =>
  (headers['user-agent'] ?? 'unknown').slice(0, MAX_DEVICE_LENGTH)

/**
 * The address of who called: the connection's, or behind `proxies` of ours the one that the
 * outermost of them saw. What stands further left in the header is the caller's own invention.
 */
export function addressOf(
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  proxies: number,
): string {
  const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',')
  const seen = proxies > 0 ? forwarded.at(-proxies)?.trim() : undefined
  return (seen || socket.remoteAddress || 'unknown').replace(/^::ffff:/, '')
}

/** What nobody encoded stands for itself: a token that is none, and so is cleared. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Cookies that only this site's own pages send, and no script reads. */
export function cookiesOf(
  request: Pick<IncomingMessage, 'headers'>,
  response: Pick<ServerResponse, 'appendHeader'>,
  secure: boolean,
): Cookies {
  return {
    get(name) {
      const pairs = request.headers.cookie?.split(';') ?? []
      const pair = pairs.map((each) => each.trim()).find((each) => each.startsWith(`${name}=`))
      return pair && decoded(pair.slice(name.length + 1))
    },
    set(name, value, { maxAgeS }) {
      const attributes = `Path=/graphql; Max-Age=${maxAgeS}; HttpOnly; SameSite=Strict`
      const cookie = `${name}=${encodeURIComponent(value)}; ${attributes}${secure ? '; Secure' : ''}`
      response.appendHeader('set-cookie', cookie)
    },
  }
}
