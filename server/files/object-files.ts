import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { type ObjectInfo, type ObjectStore, Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { UnavailableError } from '@presage/domain/errors'
import type { FileStore, StoredFile } from '@presage/domain/uploads/file-store'
import { FILES_BUCKET } from '@presage/messages/files'
import type { Logger } from 'pino'
import type { Broker } from '../jobs/broker.js'
import { type BucketLimits, ensureBucket, FILES_STREAM } from './ensure-bucket.js'

const META = `$O.${FILES_BUCKET}.M.`
const CHUNKS = `$O.${FILES_BUCKET}.C.`

/** The bucket, and what manages the stream that it is. */
interface Bucket {
  store: ObjectStore
  manager: JetStreamManager
}

/** Keeps files in NATS's Object Store, whichever server they came through. */
export class ObjectFiles implements FileStore {
  readonly #broker: Broker
  readonly #limits: BucketLimits
  readonly #log: Logger
  readonly #buckets = new WeakMap<NatsConnection, Promise<Bucket>>()

  /** Makes the bucket as soon as NATS is there: workers wait for it. */
  constructor(broker: Broker, limits: BucketLimits, log: Logger) {
    this.#broker = broker
    this.#limits = limits
    this.#log = log
    broker.listen({ up: () => void this.#with(async () => {}).catch(() => {}) })
  }

  put(name: string, bytes: Uint8Array): Promise<void> {
    return this.#with(async ({ store }) => {
      await store.putBlob({ name }, bytes)
    })
  }

  read(name: string): Promise<StoredFile | null> {
    return this.#with(async ({ store, manager }) => {
      const info = await store.info(name)
      return info && !info.deleted ? { bytes: info.size, chunks: chunksOf(manager, info) } : null
    })
  }

  remove(name: string): Promise<void> {
    return this.#with(async ({ store, manager }) => {
      if (!(await store.info(name))) return
      await store.delete(name)
      // The library leaves a message that says so, for ever.
      await manager.streams.purge(FILES_STREAM, { filter: META + encoded(name) })
    })
  }

  names(): Promise<string[]> {
    return this.#with(async ({ manager }) => {
      const { state } = await manager.streams.info(FILES_STREAM, { subjects_filter: `${META}>` })
      return Object.keys(state.subjects ?? {}).map((subject) => decoded(subject))
    })
  }

  /** @throws UnavailableError for whatever NATS says: the caller can only try again. */
  async #with<T>(work: (bucket: Bucket) => Promise<T>): Promise<T> {
    try {
      return await work(await this.#bucket())
    } catch (err) {
      this.#log.warn({ err }, 'the files cannot be reached')
      // The bucket may have been deleted: the next call makes it again.
      if (this.#broker.connection) this.#buckets.delete(this.#broker.connection)
      throw new UnavailableError('Files cannot be reached at the moment. Try again.')
    }
  }

  #bucket(): Promise<Bucket> {
    const { connection } = this.#broker
    if (!connection) return Promise.reject(new Error('NATS is away'))
    const known = this.#buckets.get(connection)
    if (known) return known
    const opened = openBucket(connection, this.#limits)
    this.#buckets.set(connection, opened)
    return opened
  }
}

async function openBucket(connection: NatsConnection, limits: BucketLimits): Promise<Bucket> {
  await ensureBucket(connection, limits)
  const manager = await jetstreamManager(connection, { checkAPI: false })
  return { store: await new Objm(connection).open(FILES_BUCKET), manager }
}

/**
 * A chunk at a time, each asked for once the one before it was taken. The library's own reading has
 * NATS send all of them at once, so that a slow reader would have the whole file in memory here.
 */
async function* chunksOf(manager: JetStreamManager, info: ObjectInfo): AsyncGenerator<Uint8Array> {
  let seq = 1
  for (let n = 0; n < info.chunks; n++) {
    const query = { seq, next_by_subj: CHUNKS + info.nuid }
    const message = await manager.direct.getMessage(FILES_STREAM, query)
    if (!message) throw new Error('the file was removed meanwhile')
    seq = message.seq + 1
    yield message.data
  }
}

const encoded = (name: string): string =>
  Buffer.from(name).toString('base64').replaceAll('+', '-').replaceAll('/', '_')

const decoded = (subject: string): string =>
  Buffer.from(subject.slice(META.length), 'base64url').toString()
