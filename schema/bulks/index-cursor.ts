import { notACursor } from '../keyset-connection.js'

/** An item's place in its bulk, as a cursor. */
export const indexCursor = (index: number): string =>
  Buffer.from(`item ${index}`).toString('base64url')

/** @throws GraphQLError BAD_USER_INPUT when it is not a cursor of {@link indexCursor}. */
export function indexOf(cursor: string): number {
  const [, index] = /^item (\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (index !== undefined) return Number(index)
  throw notACursor()
}
