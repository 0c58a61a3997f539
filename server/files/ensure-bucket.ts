import { jetstreamManager, StorageType, type StreamConfig } from '@nats-io/jetstream'
import { Objm } from '@nats-io/obj'
import type { NatsConnection } from '@nats-io/transport-node'
import { FILES_BUCKET } from '@presage/messages/files'
import { assertSame, differences } from '../jobs/streams.js'

/** How large the bucket may grow, and how many NATS servers keep it. */
export interface BucketLimits {
  maxBytes: number
  replicas: number
}

/** The stream that a bucket is. */
export const FILES_STREAM = `OBJ_${FILES_BUCKET}`

/**
 * Sees to it that the bucket exists as it should; only servers do. Safe to repeat, and from several
 * servers at once.
 *
 * @throws StreamConfigError when NATS does not do as asked.
 */
export async function ensureBucket(
  connection: NatsConnection,
  { maxBytes, replicas }: BucketLimits,
): Promise<void> {
  const options = { max_bytes: maxBytes, replicas, storage: StorageType.File }
  await new Objm(connection).create(FILES_BUCKET, options)
  const wanted = {
    max_bytes: maxBytes,
    num_replicas: replicas,
    storage: StorageType.File,
  } satisfies Partial<StreamConfig>
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const { config } = await manager.streams.info(FILES_STREAM)
  if (differences(wanted, config).length === 0) return
  const updated = await manager.streams.update(FILES_STREAM, { ...config, ...wanted })
  assertSame(`the bucket ${FILES_BUCKET}`, wanted, updated.config)
}
