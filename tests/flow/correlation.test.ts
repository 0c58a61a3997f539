import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { openKit } from '../kit/kit.js'
import { bioAge, PREDICT, rowIdOf } from '../kit/operations.js'
import { itemsOf, manyAges, PREDICT_MANY } from './bulk/bulk-operations.js'

const kit = await openKit()
const stack = await kit.stack({ env: { LOG_LEVEL: 'debug' } })

const SOON = { timeout: 30_000, interval: 50 }

interface Line {
  correlationId?: string
  id?: string
  msg: string
  field?: string
  verdict?: string
}

/** The lines of a program's log, what is no JSON left out. */
async function logOf(name: string): Promise<Line[]> {
  const text = await readFile(join(stack.dataDir, 'logs', `${name}.log`), 'utf8')
  return text.split('\n').flatMap((line): Line[] => {
    try {
      return [JSON.parse(line)]
    } catch {
      return []
    }
  })
}

const told = async (name: string, correlationId: string) =>
  (await logOf(name)).filter((line) => line.correlationId === correlationId)

const run = () => ({ idempotencyKey: crypto.randomUUID(), waitMs: 30_000 })

async function post(query: string, variables: object, headers: Record<string, string>) {
  const response = await fetch(`${stack.servers[0]?.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  return { id: response.headers.get('x-request-id') ?? '', body: await response.json() }
}

/** What the server and the worker must have written about one prediction. */
async function followed(correlationId: string, nodeId: string) {
  const id = rowIdOf(nodeId)
  await vi.waitFor(async () => {
    const server = await told('server-1', correlationId)
    const worker = await told('worker-1', correlationId)
    expect(server.map(({ msg }) => msg)).toEqual(
      expect.arrayContaining([
        'an operation was answered',
        'a job was published',
        'a result was judged',
      ]),
    )
    expect(worker.map(({ msg }) => msg)).toEqual(['a job is computed', 'a verdict'])
    const named = [...server, ...worker].filter((line) => line.id)
    expect(new Set(named.map((line) => line.id))).toEqual(new Set([id]))
    expect(named.find(({ msg }) => msg === 'a result was judged')?.verdict).toBe('settled')
  }, SOON)
}

it('one id leads from a request through the job and its computation to the settlement', async () => {
  const user = await kit.user({ balance: 5 })
  const headers = { authorization: `Bearer ${user.accessToken}`, 'x-request-id': 'order-66:a' }
  const { id, body } = await post(PREDICT, { input: bioAge(), run: run() }, headers)
  expect(id).toBe('order-66:a')
  expect(body.data.predict.prediction.status).toBe('SUCCEEDED')
  await followed('order-66:a', body.data.predict.prediction.id)
})

it('an id that could not stand in a log is replaced by one of the server’s own', async () => {
  const user = await kit.user({ balance: 5 })
  const headers = { authorization: `Bearer ${user.accessToken}`, 'x-request-id': 'a b"c' }
  const { id, body } = await post(PREDICT, { input: bioAge(), run: run() }, headers)
  expect(id).toMatch(/^[0-9a-f-]{36}$/)
  await followed(id, body.data.predict.prediction.id)
})

it('each operation of a socket has its own', async () => {
  const api = stack.api(await kit.user({ balance: 5 }))
  const ask = async (requestId: string) => {
    const variables = { input: bioAge(), run: run() }
    const operation = { query: PREDICT, variables, extensions: { requestId } }
    const { value } = await api.socket.iterate(operation).next()
    return value.data.predict.prediction.id as string
  }
  const [one, two] = [await ask('socket-1'), await ask('socket-2')]
  await followed('socket-1', one)
  await followed('socket-2', two)
})

it('a bulk gives its own to each of its jobs', async () => {
  const user = await kit.user({ balance: 5 })
  const headers = { authorization: `Bearer ${user.accessToken}`, 'x-request-id': 'bulk-1' }
  const variables = { items: manyAges(3), idempotencyKey: crypto.randomUUID() }
  const { body } = await post(PREDICT_MANY, variables, headers)
  const items = await itemsOf(stack.api(user), body.data.predictMany.bulk.id)
  const ids = items.map(({ result }) => rowIdOf(result.id ?? '')).sort()
  expect(ids).toHaveLength(3)
  await vi.waitFor(async () => {
    const lines = [...(await told('server-1', 'bulk-1')), ...(await told('worker-1', 'bulk-1'))]
    for (const step of ['a job was published', 'a job is computed', 'a result was judged']) {
      const named = lines.filter(({ msg }) => msg === step).map(({ id }) => id)
      expect(named.sort(), step).toEqual(ids)
    }
  }, SOON)
})

it('an error tells the id under which it is logged', async () => {
  const user = await kit.user({ balance: 5 })
  const headers = { authorization: `Bearer ${user.accessToken}`, 'x-request-id': 'broken-1' }
  await kit.db.pool.query('ALTER TABLE transfers RENAME TO mislaid')
  const query = '{ viewer { wallet { transactions(first: 1) { nodes { id } } } } }'
  const { body } = await post(query, {}, headers)
  await kit.db.pool.query('ALTER TABLE mislaid RENAME TO transfers')
  expect(body.errors[0].extensions).toMatchObject({ code: 'INTERNAL', correlationId: 'broken-1' })
  await vi.waitFor(async () => {
    const lines = await told('server-1', 'broken-1')
    expect(lines.map(({ msg }) => msg)).toContain('a call failed')
  }, SOON)
})
