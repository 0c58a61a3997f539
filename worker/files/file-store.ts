import { type ObjectInfo, type ObjectStore, Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { FILES_BUCKET } from '@presage/messages/files'

/** What a caller may upload; an object that claims more is none. */
const MOST_BYTES = 25 * 1024 * 1024

/** A store that has not handed over an object by then is taken for down. */
const GET_WITHIN_MS = 20_000

/** Of each part of a file, 128 KB, until it is acknowledged. */
const PUT_WITHIN_MS = 5_000

/** Where originals come from and pictures go to. Both reject while the store is down. */
export interface FileStore {
  /** A file by its id; undefined when it is gone or damaged. */
  get(id: string): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Files bytes under an id, in place of what was there. */
  put(id: string, bytes: Uint8Array): Promise<void>
}

/** The Object Store of NATS. Servers create the bucket; until then it counts as down. */
export class ObjectFiles implements FileStore {
  private opened: Promise<ObjectStore> | undefined

  constructor(private readonly connection: NatsConnection) {}

  async get(id: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const store = await this.open()
    const info = await store.info(id)
    if (!info || info.deleted || info.size > MOST_BYTES) return undefined
    if (!(await isWhole(store, info))) return undefined
    return read(store, info)
  }

  async put(id: string, bytes: Uint8Array): Promise<void> {
    const store = await this.open()
    await store.put({ name: id }, streamOf(bytes), { timeout: PUT_WITHIN_MS })
  }

  private open(): Promise<ObjectStore> {
    this.opened ??= new Objm(this.connection).open(FILES_BUCKET, false).catch((error: unknown) => {
      this.opened = undefined
      throw error
    })
    return this.opened
  }
}

/** Whether every part is there: for one that was lost, a reader would wait. */
async function isWhole(store: ObjectStore, { nuid, chunks }: ObjectInfo): Promise<boolean> {
  const subject = `$O.${FILES_BUCKET}.C.${nuid}`
  const { streamInfo } = await store.status({ subjects_filter: subject })
  return (streamInfo.state.subjects?.[subject] ?? 0) === chunks
}

/** Reads an object's bytes; undefined when they are all there and not what was stored. */
async function read(
  store: ObjectStore,
  { name, size }: ObjectInfo,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const object = await store.get(name)
  if (!object) return undefined
  // Said again by the stream, where it is heard.
  object.error.catch(() => undefined)
  const reader = object.data.getReader()
  const late = setTimeout(() => void reader.cancel(), GET_WITHIN_MS)
  const bytes = new Uint8Array(size)
  let filled = 0
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (filled + part.value.length > size) return undefined
      bytes.set(part.value, filled)
      filled += part.value.length
    }
  } catch (error) {
    if (filled === size) return undefined
    throw error
  } finally {
    clearTimeout(late)
  }
  if (filled < size) throw new Error(`${name} has not come within ${GET_WITHIN_MS} ms`)
  return bytes
}

const streamOf = (bytes: Uint8Array) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes)
      controller.close()
    },
  })
