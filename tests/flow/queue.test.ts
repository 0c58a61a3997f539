import { jetstream } from '@nats-io/jetstream'
import { jobSubject } from '@presage/messages/job'
import { describe, expect, it } from 'vitest'
import type { Api } from '../kit/api.js'
import { BrokerQuestions } from '../kit/broker-questions.js'
import { type Delivery, failed, succeeded } from '../kit/hand-worker.js'
import { openKit } from '../kit/kit.js'
import {
  bioAge,
  cancel,
  predict,
  readPlaces,
  readPrediction,
  readWallet,
  rowIdOf,
} from '../kit/operations.js'

const kit = await openKit()
const stack = await kit.stack({ workers: 0 })
const hand = await stack.hand()

const someone = async (balance = 20): Promise<Api> => stack.api(await kit.user({ balance }))

/** Time for the due loop's turns, and for a machine that does other things. */
const WITHIN = { timeout: 30_000, interval: 100 }

describe('while it waits', () => {
  it('a prediction tells how many are ahead of it, and about when it starts', async () => {
    const alice = await someone()
    const ids: string[] = []
    for (let i = 0; i < 3; i++) ids.push((await predict(alice, bioAge('NETWORK'))).prediction.id)
    const places = () =>
      Promise.all(ids.map(async (id) => (await readPrediction(alice, id))?.queue))
    await expect.poll(places, WITHIN).toMatchObject([{ ahead: 0 }, { ahead: 1 }, { ahead: 2 }])
    const [first, , last] = await places()
    expect(new Date(last?.startsAbout ?? '') >= new Date(first?.startsAbout ?? '')).toBe(true)
    for (const id of ids) await hand.settle(succeeded(rowIdOf(id)))
    expect(await places()).toEqual([null, null, null])
  })

  it('a prediction is canceled, once, and its result is discarded when it comes all the same', async () => {
    const alice = await someone(5)
    const { prediction } = await predict(alice, bioAge('NETWORK'))
    const answers = await Promise.all([1, 2, 3].map(() => cancel(alice, prediction.id)))
    for (const answer of answers)
      expect(answer).toMatchObject({
        __typename: 'CancelPredictionPayload',
        prediction: { status: 'CANCELED', charge: { held: 0, captured: 0, released: 3 } },
        wallet: { available: 5, held: 0 },
      })
    expect(await hand.settle(succeeded(rowIdOf(prediction.id)))).toBe('closed')
    expect(await readPrediction(alice, prediction.id)).toMatchObject({
      ...{ status: 'CANCELED', output: null },
    })
    expect(await readWallet(alice)).toMatchObject({ available: 5, held: 0 })
  })

  it('a prediction past its deadline expires and gives its credits back', async () => {
    const alice = await someone(5)
    const deadline = new Date(Date.now() + 1000).toISOString()
    const { prediction } = await predict(alice, bioAge('NETWORK'), { deadline, waitMs: 30_000 })
    expect(prediction).toMatchObject({
      ...{ status: 'EXPIRED', output: null, failure: { code: 'EXPIRED' } },
      charge: { held: 0, captured: 0, released: 3 },
    })
    expect(await readWallet(alice)).toMatchObject({ available: 5, held: 0 })
  })

  it('waitMs answers with the prediction as it stands when nobody computes it', async () => {
    const { prediction } = await predict(await someone(), bioAge(), { waitMs: 300 })
    expect(prediction).toMatchObject({ status: 'QUEUED', output: null, finishedAt: null })
  })
})

describe('when it has ended', () => {
  it('a failed prediction says why and has given its credits back', async () => {
    const alice = await someone(5)
    const { prediction } = await predict(alice)
    expect(await hand.settle(failed(rowIdOf(prediction.id)))).toBe('settled')
    expect(await readPrediction(alice, prediction.id)).toMatchObject({
      status: 'FAILED',
      failure: { code: 'NO', message: 'This blood cannot be read.' },
      charge: { held: 0, captured: 0, released: 1 },
    })
    expect(await readWallet(alice)).toMatchObject({ available: 5, held: 0 })
  })

  it('a prediction is not canceled any more', async () => {
    const alice = await someone(5)
    const { prediction } = await predict(alice)
    await hand.settle(succeeded(rowIdOf(prediction.id)))
    expect(await cancel(alice, prediction.id)).toMatchObject({
      ...{ __typename: 'ConflictError', code: 'CONFLICT' },
      prediction: { status: 'SUCCEEDED', charge: { captured: 1, released: 0 } },
    })
  })

  it('a result that no contract describes condemns only itself', async () => {
    const alice = await someone(5)
    const { prediction } = await predict(alice)
    const id = rowIdOf(prediction.id)
    const nonsense = { ...succeeded(id), output: { kind: 'regression', value: 'many' } }
    expect(await hand.settle(nonsense as never)).toBe('invalid')
    expect(await readPrediction(alice, prediction.id)).toMatchObject({ status: 'QUEUED' })
    expect(await hand.settle(succeeded(id))).toBe('settled')
  })
})

describe('places in the queue', () => {
  const MANY = 50

  /** Has them asked for again and again, three times at once. */
  async function askAgain(places: () => Promise<unknown>): Promise<void> {
    for (let i = 0; i < 20; i++) await Promise.all([places(), places(), places()])
  }

  it('are told from what the broker was asked once a second, and not job by job', async () => {
    const alice = await someone(MANY)
    await Promise.all(Array.from({ length: MANY }, () => predict(alice)))
    const places = () => readPlaces(alice, MANY)
    await expect.poll(places, WITHIN).not.toContain(null)
    const questions = await BrokerQuestions.overhear(hand.connection)
    await askAgain(places)
    expect(await places()).not.toContain(null)
    expect(await questions.counted('bio-age-1_0_0')).toEqual({ tooManyInfos: 0, lookUps: 0 })
  })

  it('are known to a server that has not sent the jobs from one look at each', async () => {
    const other = await stack.addServer()
    const alice = await kit.user({ balance: MANY })
    const api = stack.api(alice)
    await Promise.all(Array.from({ length: MANY }, () => predict(api)))
    await expect.poll(() => readPlaces(api, MANY), WITHIN).not.toContain(null)
    const questions = await BrokerQuestions.overhear(hand.connection)
    const elsewhere = stack.api(alice, stack.servers.indexOf(other))
    const places = () => readPlaces(elsewhere, MANY)
    await askAgain(places)
    expect(await places()).not.toContain(null)
    const { lookUps } = await questions.counted('bio-age-1_0_0')
    expect(lookUps).toBeGreaterThanOrEqual(MANY)
    // A look-up that was not answered in time is made again.
    expect(lookUps).toBeLessThan(2 * MANY)
  })

  it('are found again when a job was lost and somebody else has published it anew', async () => {
    const alice = await someone()
    const waiting = async (id: string) => (await readPrediction(alice, id))?.queue?.ahead
    const { prediction } = await predict(alice)
    const { job, message } = await takeUpTo(rowIdOf(prediction.id))
    await expect.poll(() => waiting(prediction.id), WITHIN).toBe(0)
    message.ack()
    await hand.connection.flush()
    const behind = await Promise.all([1, 2, 3].map(() => predict(alice)))
    const last = behind.at(-1)?.prediction.id ?? ''
    await expect.poll(() => waiting(last), WITHIN).toBeGreaterThan(0)
    await jetstream(hand.connection).publish(jobSubject(job), JSON.stringify(job))
    await expect.poll(() => waiting(prediction.id), WITHIN).toBeGreaterThanOrEqual(3)
  })

  /** The job of a prediction; those before it are done with. */
  async function takeUpTo(id: string): Promise<Delivery> {
    for (;;) {
      const delivery = await hand.take()
      if (delivery.job.id === id) return delivery
      delivery.message.ack()
    }
  }
})
