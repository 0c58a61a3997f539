import { AckPolicy, jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { natsAddress } from '@presage/messages/nats-address'
import { rate } from './machine-rates.js'

/** What this machine's broker does without Presage: a job out, its reply back. */
export interface BrokerRates {
  /** Job published to JetStream, pulled, answered by a core message; p50 at one in flight. */
  roundTripMs: number
  /** The same, round trips a second at `concurrency`. */
  roundTrips: number
}

const STREAM = 'BENCH'

/** Measures the raw job round trip on a stream of its own. */
export async function brokerRates(
  natsUrl: string,
  concurrency: number,
  forMs: number,
): Promise<BrokerRates> {
  const caller = await connect(natsAddress([natsUrl]))
  const worker = await connect(natsAddress([natsUrl]))
  const manager = await jetstreamManager(caller)
  await manager.streams.add({
    name: STREAM,
    subjects: ['bench.job'],
    retention: RetentionPolicy.Workqueue,
  })
  await manager.consumers.add(STREAM, { durable_name: 'bench', ack_policy: AckPolicy.Explicit })
  const consumer = await jetstream(worker).consumers.get(STREAM, 'bench')
  const messages = await consumer.consume({
    max_messages: 500,
    callback: (job) => {
      worker.publish('bench.done', job.data)
      job.ack()
    },
  })
  try {
    return await measure(caller, concurrency, forMs)
  } finally {
    messages.stop()
    await manager.streams.delete(STREAM)
    await Promise.all([caller.close(), worker.close()])
  }
}

async function measure(
  caller: Awaited<ReturnType<typeof connect>>,
  concurrency: number,
  forMs: number,
): Promise<BrokerRates> {
  const waiting = new Map<string, () => void>()
  caller.subscribe('bench.done', {
    callback: (_error, message) => {
      const id = message.string()
      waiting.get(id)?.()
      waiting.delete(id)
    },
  })
  const stream = jetstream(caller)
  let last = 0
  const roundTrip = () => {
    const id = String(++last)
    const done = new Promise<void>((resolve) => waiting.set(id, resolve))
    return Promise.all([stream.publish('bench.job', id), done])
  }
  const timesMs: number[] = []
  await rate(1, forMs, async () => {
    const startedAt = performance.now()
    await roundTrip()
    timesMs.push(performance.now() - startedAt)
  })
  timesMs.sort((a, b) => a - b)
  return {
    roundTripMs: timesMs[timesMs.length >> 1] ?? Number.NaN,
    roundTrips: await rate(concurrency, forMs, roundTrip),
  }
}
