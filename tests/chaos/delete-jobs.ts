import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { JOBS_STREAM } from '@presage/messages/job'
import { natsAddress } from '@presage/messages/nats-address'
import { until } from './within.js'

/**
 * Deletes the stream while there are jobs in it, as an operator's mistake would; resolves when a
 * server has made it anew.
 */
export async function deleteJobs(natsUrl: string): Promise<void> {
  const connection = await connect(natsAddress([natsUrl]))
  const manager = await jetstreamManager(connection, { checkAPI: false })
  await until(
    async () => ((await stateOf(manager))?.jobs ?? 0) > 0,
    () => 'There was never a job in the stream.',
  )
  const before = await stateOf(manager)
  await manager.streams.delete(JOBS_STREAM)
  await until(
    async () => {
      const after = await stateOf(manager)
      return after !== null && after.made !== before?.made
    },
    () => 'The stream was not made anew.',
  )
  await connection.close()
}

/** Null while there is none: deleted by the strike before and not made again yet. */
const stateOf = (manager: JetStreamManager) =>
  manager.streams.info(JOBS_STREAM).then(
    ({ state, created }) => ({ jobs: state.messages, made: created }),
    () => null,
  )
