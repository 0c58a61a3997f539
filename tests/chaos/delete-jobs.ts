import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { JOBS_STREAM } from '@presage/messages/job'
import { natsAddress } from '@presage/messages/nats-address'
import { until } from './within.js'

/** Deletes the stream while there are jobs in it, as an operator's mistake would. */
export async function deleteJobs(natsUrl: string): Promise<void> {
  const connection = await connect(natsAddress([natsUrl]))
  const manager = await jetstreamManager(connection, { checkAPI: false })
  const jobs = () =>
    manager.streams.info(JOBS_STREAM).then(
      ({ state }) => state.messages,
      // Deleted by the strike before and not made again yet.
      () => 0,
    )
  await until(
    async () => (await jobs()) > 0,
    () => 'There was never a job in the stream.',
  )
  await manager.streams.delete(JOBS_STREAM)
  await connection.close()
}
