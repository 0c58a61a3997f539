import { notACursor } from '../keyset-connection.js'

/** A transfer's place in its wallet, as a cursor. */
export const seqCursor = (seq: bigint): string => Buffer.from(`seq ${seq}`).toString('base64url')

/** @throws GraphQLError BAD_USER_INPUT when it is not a cursor of {@link seqCursor}. */
export function seqOf(cursor: string): bigint {
  const [, seq] = /^seq (\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (seq !== undefined) return BigInt(seq)
  throw notACursor()
}
