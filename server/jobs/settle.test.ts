import { randomUUID } from 'node:crypto'
import type { Msg, NatsConnection } from '@nats-io/transport-node'
import { Lane } from '@presage/domain/lane/lane'
import type { Closed, Closing } from '@presage/domain/predictions/close-predictions'
import type { Result } from '@presage/messages/result'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Settlement, verdictsOn } from './settle.js'
import { TurnEnd } from './turn-end.js'

const silent = pino({ level: 'silent' })
const succeeded = (id = randomUUID()): Result => ({
  id,
  outcome: 'succeeded',
  output: {
    kind: 'regression',
    value: 47,
    unit: 'years',
    low: null,
    high: null,
    level: null,
    measures: [],
  },
})
const closed = ({ id }: Closing): Closed => ({
  id,
  userId: '',
  seq: 1n,
  from: 'QUEUED',
  to: 'SUCCEEDED',
  at: new Date(),
})

/** Closes what is open, once, and does with others as `otherwise` says. */
function settlement(open: Iterable<string>, otherwise: (closing: Closing) => null = () => null) {
  const left = new Set(open)
  const asked: Closing[] = []
  const closings = new Lane<Closing, Closed | null>(
    async (batch) => {
      asked.push(...batch)
      return batch.map((each) => (left.delete(each.id) ? closed(each) : otherwise(each)))
    },
    { isDefinite: () => true },
  )
  return { closings, asked }
}

const failing = (code: string) => () => {
  throw Object.assign(new Error('refused'), { code })
}
const judge = (domain: ReturnType<typeof settlement>, results: unknown[]) =>
  verdictsOn(domain, { worker: 'w1', results }, silent)

describe('the verdict on a result', () => {
  it('is settled the first time and closed the second', async () => {
    const result = succeeded()
    const domain = settlement([result.id])
    expect(await judge(domain, [result])).toEqual({ [result.id]: 'settled' })
    expect(await judge(domain, [result])).toEqual({ [result.id]: 'closed' })
    expect(domain.asked[0]).toMatchObject({ id: result.id, status: 'SUCCEEDED' })
  })

  it('hands a failure on as it is', async () => {
    const failure = { code: 'POISON', message: 'It never finished.' }
    const result = { id: randomUUID(), outcome: 'failed', failure }
    const domain = settlement([result.id])
    await judge(domain, [result])
    expect(domain.asked).toEqual([{ id: result.id, status: 'FAILED', failure }])
  })

  it('is invalid for an output that is none, and only for that one', async () => {
    const good = succeeded()
    const bad = { ...succeeded(), output: { kind: 'regression', value: null } }
    const domain = settlement([good.id, bad.id])
    expect(await judge(domain, [bad, good, { outcome: 'succeeded' }])).toEqual({
      [good.id]: 'settled',
      [bad.id]: 'invalid',
    })
    expect(domain.asked.map(({ id }) => id)).toEqual([good.id])
  })

  it.each([
    ['22P05', 'invalid', 'data that PostgreSQL cannot store'],
    ['23514', 'invalid', 'data that a constraint refuses'],
    ['40P01', 'retry', 'a deadlock'],
    ['42P01', 'retry', 'a table that a migration has yet to make'],
    ['57P01', 'retry', 'a server that shuts down'],
    ['EPIPE', 'retry', 'a broken connection'],
  ])('after the error %s is %s: %s', async (code, verdict) => {
    const [good, bad] = [succeeded(), succeeded()]
    const domain = settlement([good.id], failing(code))
    const verdicts = await judge(domain, [bad])
    expect(verdicts).toEqual({ [bad.id]: verdict })
  })

  it('is not given on what is no batch of results', async () => {
    await expect(verdictsOn(settlement([]), { results: 'all' }, silent)).rejects.toThrow()
  })
})

describe('a settlement that stops', () => {
  /** One that has taken a batch, which is answered by `respond`. */
  async function stopped(respond: (text: string) => void) {
    const logged: string[] = []
    const log = pino({ level: 'error' }, { write: (line) => logged.push(line) })
    const result = succeeded()
    const { closings } = settlement([result.id])
    const settling = new Settlement({ closings }, log, null, new TurnEnd())
    let take: (error: Error | null, message: Msg) => void = () => {}
    settling.listen({
      subscribe(_: string, { callback }: { callback: typeof take }) {
        take = callback
        return { drain: () => Promise.resolve() }
      },
    } as unknown as NatsConnection)
    const text = JSON.stringify({ worker: 'w1', results: [result] })
    take(null, { string: () => text, respond } as unknown as Msg)
    await settling.stop()
    return { result, logged }
  }

  it('has answered what it took', async () => {
    const replies: string[] = []
    const { result, logged } = await stopped((text) => replies.push(text))
    expect(replies.map((text) => JSON.parse(text))).toEqual([
      { verdicts: { [result.id]: 'settled' } },
    ])
    expect(logged).toEqual([])
  })

  it('says that it could not answer, over a connection that is closed', async () => {
    const { logged } = await stopped(() => {
      throw new Error('the connection is closed')
    })
    expect(logged).toHaveLength(1)
    expect(logged[0]).toContain('was not answered')
  })
})
