import { afterAll, expect, it, vi } from 'vitest'
import { deleteJobs } from '../chaos/delete-jobs.js'
import { openKit } from '../kit/kit.js'
import { predict, rowIdOf } from '../kit/operations.js'
import { OtlpReceiver, onlySpan, type ReceivedSpan } from '../kit/otlp-receiver.js'
import type { Stack } from '../kit/stack.js'

vi.setConfig({ testTimeout: 180_000 })

const SOON = { timeout: 60_000, interval: 100 }

const receiver = await OtlpReceiver.start()
afterAll(() => receiver.close())
const kit = await openKit()

/** The spans of this name that tell of a prediction, once there are so many. */
async function spansOf(id: string, name: string, count = 1): Promise<ReceivedSpan[]> {
  const found = () => receiver.find('prediction_id', id, name)
  await vi.waitFor(() => expect(found()).toHaveLength(count), SOON)
  return found()
}

const oneOf = async (id: string, name: string) => onlySpan(await spansOf(id, name), name)

/** A prediction whose job waits for a worker, and the span of its publish. */
async function published(stack: Stack): Promise<{ id: string; publish: ReceivedSpan }> {
  const { prediction } = await predict(stack.api(await kit.user({ balance: 5 })))
  const id = rowIdOf(prediction.id)
  return { id, publish: await oneOf(id, 'publish') }
}

const start = () => kit.stack({ workers: 0, env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } })

it('a job that is delivered again, after its server’s death too, stays in its trace', async () => {
  const stack = await start()
  const { id, publish } = await published(stack)
  const { message } = await (await stack.hand()).take()
  process.kill(stack.servers[0]?.pid ?? 0, 'SIGKILL')
  message.nak()
  await stack.addServer()
  await stack.addWorker()
  const [work, settle] = [await oneOf(id, 'work'), await oneOf(id, 'settle')]
  expect(work).toMatchObject({ traceId: publish.traceId, parentSpanId: publish.spanId })
  expect(work.attributes['presage.attempt']).toBe(2)
  expect(settle).toMatchObject({ traceId: publish.traceId, parentSpanId: work.spanId })
  const [before, after] = [publish, settle].map(({ resource }) => resource['service.instance.id'])
  expect(after).not.toBe(before)
  await stack.stop()
})

it('a job that was lost begins a second trace, which names the same prediction', async () => {
  const stack = await start()
  const { id, publish } = await published(stack)
  await deleteJobs(stack.nats.url)
  const again = (await spansOf(id, 'publish', 2)).find((span) => span !== publish)
  await stack.addWorker()
  const [work, settle] = [await oneOf(id, 'work'), await oneOf(id, 'settle')]
  expect(again?.attributes['presage.found_again']).toBe(true)
  expect(again?.parentSpanId).toBe('')
  expect(again?.traceId).not.toBe(publish.traceId)
  expect(work).toMatchObject({ traceId: again?.traceId, parentSpanId: again?.spanId })
  expect(settle).toMatchObject({ traceId: again?.traceId, parentSpanId: work.spanId })
  await stack.stop()
})
