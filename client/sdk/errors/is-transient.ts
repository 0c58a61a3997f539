import { NetworkError } from './network-error.js'
import { RequestError } from './request-error.js'

/** The same call may well succeed a little later. */
export const isTransient = (error: unknown): boolean =>
  error instanceof NetworkError ||
  (error instanceof RequestError && (error.code === 'UNAVAILABLE' || error.code === 'INTERNAL'))
