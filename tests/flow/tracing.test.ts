import { afterAll, expect, it, vi } from 'vitest'
import { openKit } from '../kit/kit.js'
import { bioAge, PREDICT, predict, rowIdOf } from '../kit/operations.js'
import { OtlpReceiver, onlySpan, type ReceivedSpan } from '../kit/otlp-receiver.js'
import { itemsOf, manyAges, PREDICT_MANY } from './bulk/bulk-operations.js'

const SOON = { timeout: 30_000, interval: 100 }

const receiver = await OtlpReceiver.start()
afterAll(() => receiver.close())
const kit = await openKit()
const stack = await kit.stack({
  servers: 2,
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20collector',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
  },
})

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const run = () => ({ idempotencyKey: crypto.randomUUID(), waitMs: 30_000 })

async function post(query: string, variables: object, headers: Record<string, string>, server = 0) {
  const response = await fetch(`${stack.servers[server]?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  const { data } = await response.json()
  return data
}

/** Headers of a user, who names a request and a span of a trace of their own. */
async function headersOf(id: string, traceparent?: string): Promise<Record<string, string>> {
  const { accessToken } = await kit.user({ balance: 10 })
  const named = { authorization: `Bearer ${accessToken}`, 'x-request-id': id }
  return traceparent === undefined ? named : { ...named, traceparent }
}

/** All spans that name this request, once so many are there. */
async function spansOf(correlationId: string, count: number): Promise<ReceivedSpan[]> {
  const found = () => receiver.find('correlation_id', correlationId)
  await vi.waitFor(() => expect(found().map(({ name }) => name)).toHaveLength(count), SOON)
  return found()
}

/** What each of the five steps of a prediction must say, and how they follow from each other. */
function expectSteps(spans: readonly ReceivedSpan[], id: string, operation = 'mutation predict') {
  const [request, hold] = [onlySpan(spans, operation), onlySpan(spans, 'hold')]
  const [publish, work, settle] = [
    onlySpan(spans, 'publish'),
    onlySpan(spans, 'work'),
    onlySpan(spans, 'settle'),
  ]
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(hold.parentSpanId).toBe(request.spanId)
  expect(publish.parentSpanId).toBe(request.spanId)
  expect(work.parentSpanId).toBe(publish.spanId)
  expect(settle.parentSpanId).toBe(work.spanId)
  expect([request, hold, publish, work, settle].map(({ kind }) => kind)).toEqual([2, 1, 4, 5, 5])
  for (const { resource } of [request, hold, publish, settle])
    expect(resource['service.name']).toBe('presage-server')
  expect(work.resource).toMatchObject({
    'service.name': 'presage-worker',
    'service.instance.id': 'worker-1',
    'deployment.environment.name': 'test',
  })
  for (const { attributes } of [hold, publish, work, settle])
    expect(attributes['presage.prediction_id']).toBe(id)
  expect(settle.attributes['presage.verdict']).toBe('settled')
  expect(work.attributes).toMatchObject({ 'presage.model': 'bio-age', 'presage.attempt': 1 })
  for (const { startTimeUnixNano, endTimeUnixNano, status } of spans) {
    expect(endTimeUnixNano).toBeGreaterThan(startTimeUnixNano)
    expect(status.code).toBe(0)
  }
  return { request, hold, publish, work, settle }
}

it('one trace leads from a request through its hold, job and computation to the settlement', async () => {
  const data = await post(PREDICT, { input: bioAge(), run: run() }, await headersOf('traced-1'))
  expect(data.predict.prediction.status).toBe('SUCCEEDED')
  const spans = await spansOf('traced-1', 5)
  const { request, hold, settle } = expectSteps(spans, rowIdOf(data.predict.prediction.id))
  expect(request.parentSpanId).toBe('')
  expect(hold.attributes['presage.batch_size']).toBe(1)
  // The call waited for its result.
  expect(settle.startTimeUnixNano).toBeLessThan(request.endTimeUnixNano)
  expect([...receiver.paths]).toEqual(['/v1/traces'])
  for (const { authorization } of receiver.headers) expect(authorization).toBe('Bearer collector')
  expect(receiver.faults).toEqual([])
})

it('the trace is the caller’s when the request belongs to one, over HTTP and a socket', async () => {
  const parent = '00f067aa0ba902b7'
  const headers = await headersOf('traced-2', `00-${TRACE}-${parent}-01`)
  const data = await post(PREDICT, { input: bioAge(), run: run() }, headers)
  const spans = await spansOf('traced-2', 5)
  const { request } = expectSteps(spans, rowIdOf(data.predict.prediction.id))
  expect([request.traceId, request.parentSpanId]).toEqual([TRACE, parent])

  const api = stack.api(await kit.user({ balance: 5 }))
  const extensions = { requestId: 'traced-3', traceparent: `00-${TRACE}-${parent}-01` }
  const operation = { query: PREDICT, variables: { input: bioAge(), run: run() }, extensions }
  const { value } = await api.socket.iterate(operation).next()
  const { prediction } = value.data.predict
  const other = expectSteps(await spansOf('traced-3', 5), rowIdOf(prediction.id)).request
  expect([other.traceId, other.parentSpanId]).toEqual([TRACE, parent])
})

it('a caller’s trace that is not kept is not kept here, and one that is none is left aside', async () => {
  const { accessToken } = await kit.user({ balance: 5 })
  const headers = (id: string, traceparent: string) => ({
    ...{ authorization: `Bearer ${accessToken}`, 'x-request-id': id, traceparent },
  })
  const ask = (id: string, traceparent: string) =>
    post(PREDICT, { input: bioAge(), run: run() }, headers(id, traceparent))
  await ask('unsampled', `00-${TRACE}-00f067aa0ba902b7-00`)
  await ask('zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`)
  await ask('nonsense', `00-"${TRACE}"-x`)
  for (const id of ['zeros', 'nonsense']) {
    const { traceId, parentSpanId } = onlySpan(await spansOf(id, 5), 'mutation predict')
    expect([traceId === TRACE, parentSpanId]).toEqual([false, ''])
  }
  expect(receiver.find('correlation_id', 'unsampled')).toEqual([])
})

it('a bulk is one trace with one hold and the steps of each item', async () => {
  const user = await kit.user({ balance: 10 })
  const headers = { authorization: `Bearer ${user.accessToken}`, 'x-request-id': 'traced-bulk' }
  const variables = { items: manyAges(3), idempotencyKey: crypto.randomUUID() }
  const data = await post(PREDICT_MANY, variables, headers)
  const items = await itemsOf(stack.api(user), data.predictMany.bulk.id)
  const spans = await spansOf('traced-bulk', 2 + 3 * 3)
  const hold = onlySpan(spans, 'hold')
  expect(hold.attributes).toMatchObject({ 'presage.batch_size': 3, 'presage.held': 3 })
  const common = onlySpan(spans, 'mutation predictMany')
  for (const { result } of items) {
    const id = rowIdOf(result.id ?? '')
    const own = spans.filter(({ attributes }) => attributes['presage.prediction_id'] === id)
    const [publish, work, settle] = ['publish', 'work', 'settle'].map((name) => onlySpan(own, name))
    expect([publish, work, settle].map((span) => span?.parentSpanId)).toEqual([
      ...[common.spanId, publish?.spanId, work?.spanId],
    ])
  }
  expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1)
})

it('a batch of many traces is a step of its own in each of them', async () => {
  const api = stack.api(await kit.user({ balance: 100 }))
  const asked = Array.from({ length: 40 }, () => predict(api, bioAge(), { waitMs: 30_000 }))
  const ids = (await Promise.all(asked)).map(({ prediction }) => rowIdOf(prediction.id))
  const own = (name: string) => ids.flatMap((id) => receiver.find('prediction_id', id, name))
  await vi.waitFor(() => {
    for (const name of ['hold', 'publish', 'work', 'settle']) expect(own(name)).toHaveLength(40)
  }, SOON)
  expect(new Set(own('hold').map(({ traceId }) => traceId)).size).toBe(40)
  const sizes = own('hold').map(({ attributes }) => Number(attributes['presage.batch_size']))
  expect(Math.max(...sizes)).toBeGreaterThan(1)
})
