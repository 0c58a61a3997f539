import type { SessionPlace } from '@presage/domain/identity/read-sessions'
import { notACursor } from '../keyset-connection.js'
import { NO_ID, uuidOrNone } from '../node-id.js'

/** A session's place among a user's, as a cursor. */
export const placeCursor = ({ createdAt, id }: SessionPlace): string =>
  Buffer.from(`${createdAt.toISOString()} ${id}`).toString('base64url')

/** @throws GraphQLError BAD_USER_INPUT when it is not a cursor of {@link placeCursor}. */
export function placeOf(cursor: string): SessionPlace {
  const [time = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ')
  const createdAt = new Date(time)
  if (Number.isNaN(createdAt.getTime()) || uuidOrNone(id) === NO_ID) throw notACursor()
  return { createdAt, id }
}
