import { UnavailableError } from '../errors.js'

/** The bytes of a file, read only as fast as they are taken. */
export interface StoredFile {
  bytes: number
  chunks: AsyncIterable<Uint8Array>
}

/**
 * Where files are kept, by name: an original under its upload’s id, a result under its prediction’s.
 * Everything throws UnavailableError while the store cannot be reached.
 */
export interface FileStore {
  put(name: string, bytes: Uint8Array): Promise<void>
  /** null = there is none of that name */
  read(name: string): Promise<StoredFile | null>
  /** Does nothing when there is none of that name. */
  remove(name: string): Promise<void>
  /** Of all files there are. */
  names(): Promise<string[]>
}

const away = () => Promise.reject(new UnavailableError('Files cannot be kept at the moment.'))

/** The store of who has none. */
export const noFiles: FileStore = { put: away, read: away, remove: away, names: away }
