import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiCodes,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream'
import { type NatsConnection, nanos } from '@nats-io/transport-node'
import { JOBS_STREAM, jobConsumer, jobFilter } from '@presage/messages/job'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { orNull } from './api-error.js'

/** How large the stream may grow, and how many NATS servers keep it. */
export interface StreamLimits {
  maxBytes: number
  replicas: number
}

/** What NATS echoes of a configuration is not what was asked for. */
export class StreamConfigError extends Error {
  override readonly name = 'StreamConfigError'

  constructor(what: string, differences: string[]) {
    super(
      `NATS keeps ${what} otherwise than asked: ${differences.join(', ')}. It may be too old (2.10 ` +
        'is needed) or the stream another program’s: upgrade it, or delete the stream JOBS.',
    )
  }
}

type Wanted<T> = { [K in keyof T]?: T[K] }

/** Another server has made the stream at the same moment, with a `first_seq` of its own. */
const NAME_IN_USE = 10058

const HOUR_MS = 3_600_000

const streamConfig = ({ maxBytes, replicas }: StreamLimits) =>
  ({
    name: JOBS_STREAM,
    subjects: ['jobs.>'],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    max_msgs_per_subject: 1,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_bytes: maxBytes,
    num_replicas: replicas,
    // No prediction's deadline is more than 24 hours off.
    max_age: nanos(25 * HOUR_MS),
  }) satisfies Wanted<StreamConfig>

const consumerConfig = (model: string, version: string) =>
  ({
    durable_name: jobConsumer(model, version),
    filter_subject: jobFilter(model, version),
    deliver_policy: DeliverPolicy.All,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(8000),
    max_deliver: -1,
    max_ack_pending: 20_000,
  }) satisfies Wanted<ConsumerConfig>

/**
 * Sees to it that the stream and a consumer for each installed model version exist as they should;
 * only servers do. Safe to repeat, and from several servers at once.
 *
 * @returns whether the stream had to be made, so that every open job is missing from it.
 * @throws StreamConfigError when NATS does not do as asked.
 */
export async function ensureStreams(
  connection: NatsConnection,
  { installed }: Pick<Catalogue, 'installed'>,
  limits: StreamLimits,
): Promise<{ created: boolean }> {
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const created = await ensureStream(connection, manager, limits)
  for (const { card } of installed) await ensureConsumer(manager, card.name, card.version)
  return { created }
}

async function ensureStream(
  connection: NatsConnection,
  manager: JetStreamManager,
  limits: StreamLimits,
): Promise<boolean> {
  const wanted = streamConfig(limits)
  const info = await manager.streams
    .info(JOBS_STREAM)
    .catch(orNull(JetStreamApiCodes.StreamNotFound))
  if (!info) return createStream(connection, manager, wanted)
  if (differences(wanted, info.config).length === 0) return false
  const updated = await manager.streams.update(JOBS_STREAM, { ...info.config, ...wanted })
  assertSame('the stream JOBS', wanted, updated.config)
  return false
}

/**
 * `first_seq` in milliseconds grows faster than any stream's messages: without it a late
 * acknowledgement of a deleted stream's job would delete one of the new stream.
 */
async function createStream(
  connection: NatsConnection,
  manager: JetStreamManager,
  wanted: ReturnType<typeof streamConfig>,
): Promise<boolean> {
  const made = await manager.streams
    .add({ ...wanted, first_seq: Date.now() })
    .catch(orNull(NAME_IN_USE))
  if (!made) return false
  assertSame('the stream JOBS', wanted, made.config)
  // NATS 2.10 finds a stream with first_seq empty after a SIGKILL, whatever is in it, until its
  // first message has been removed.
  const { seq } = await jetstream(connection).publish('jobs.first')
  await manager.streams.deleteMessage(JOBS_STREAM, seq)
  return true
}

async function ensureConsumer(
  manager: JetStreamManager,
  model: string,
  version: string,
): Promise<void> {
  const wanted = consumerConfig(model, version)
  const { durable_name } = wanted
  const info = await manager.consumers
    .info(JOBS_STREAM, durable_name)
    .catch(orNull(JetStreamApiCodes.ConsumerNotFound))
  if (info && differences(wanted, info.config).length === 0) return
  const made = info
    ? await manager.consumers.update(JOBS_STREAM, durable_name, wanted)
    : await manager.consumers.add(JOBS_STREAM, wanted)
  assertSame(`the consumer ${durable_name}`, wanted, made.config)
}

/** The settings that are not as wanted, as texts; what the server adds by itself is ignored. */
export function differences(wanted: object, actual: object): string[] {
  const stands = new Map(Object.entries(actual))
  return Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(stands.get(key)) !== JSON.stringify(value))
    .map(
      ([key, value]) =>
        `${key} is ${JSON.stringify(stands.get(key))}, not ${JSON.stringify(value)}`,
    )
}

/** @throws StreamConfigError when NATS does not keep something as wanted. */
export function assertSame(what: string, wanted: object, actual: object): void {
  const found = differences(wanted, actual)
  if (found.length > 0) throw new StreamConfigError(what, found)
}
