import { InvalidInputError } from '../errors.js'

const MAX_REASON = 500

/**
 * What an admin gives as a reason, without the spaces around it.
 *
 * @throws InvalidInputError when it is empty or too long.
 */
export function checkedReason(raw: string): string {
  const reason = raw.trim()
  if (reason.length >= 1 && reason.length <= MAX_REASON) return reason
  const message = `Say why, in 1 to ${MAX_REASON} characters: this is written down.`
  throw new InvalidInputError([{ path: ['reason'], message, min: 1, max: MAX_REASON }])
}
