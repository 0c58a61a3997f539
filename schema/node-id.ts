import { decodeGlobalID } from '@pothos/plugin-relay'
import { validate } from 'uuid'

/** An id that no row has. */
export const NO_ID = '00000000-0000-0000-0000-000000000000'

/** The row's id behind a node id of this type; one of another type or malformed finds nothing. */
export function rowId(typename: string, nodeId: string): string {
  try {
    const decoded = decodeGlobalID(nodeId)
    return decoded.typename === typename ? uuidOrNone(decoded.id) : NO_ID
  } catch {
    return NO_ID
  }
}

/** The id if it is one, else one that finds nothing. */
export const uuidOrNone = (id: string): string => (validate(id) ? id : NO_ID)

/** The row's id behind the id of a person: as admins read it, or as the person does. */
export function userRowId(nodeId: string): string {
  const id = rowId('User', nodeId)
  return id === NO_ID ? rowId('Viewer', nodeId) : id
}
