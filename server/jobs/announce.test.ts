import { ClosedConnectionError, type NatsConnection } from '@nats-io/transport-node'
import { expect, it } from 'vitest'
import { Announcer } from './announce.js'

it('says nothing, and fails nobody, over a connection that is closing', () => {
  const closing = {
    publish() {
      throw new ClosedConnectionError()
    },
  } as unknown as NatsConnection
  const announcer = new Announcer({ connection: closing } as ConstructorParameters<
    typeof Announcer
  >[0])
  const change = { userId: 'alice', seq: 1, predictionId: null, to: null }
  expect(() => announcer.changes([change])).not.toThrow()
  expect(() => announcer.sessionEnded('session')).not.toThrow()
})
