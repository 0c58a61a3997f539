import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { JOBS_STREAM } from '@presage/messages/job'
import { natsAddress } from '@presage/messages/nats-address'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { Api } from '../kit/api.js'
import { HandWorker, succeeded } from '../kit/hand-worker.js'
import { serve, TestNats } from '../kit/in-process-server.js'
import { openKit } from '../kit/kit.js'
import { predict, readPrediction, readWallet, rowIdOf } from '../kit/operations.js'

const kit = await openKit()

const NOBODY_THERE = 'nats://127.0.0.1:1'
const SOON = { timeout: 20_000, interval: 50 }

async function streamOf(nats: TestNats) {
  const connection = await connect(natsAddress([nats.url]))
  onTestFinished(() => connection.close())
  return (await jetstreamManager(connection)).streams
}

async function handOf(nats: TestNats): Promise<HandWorker> {
  const hand = await HandWorker.join(nats.url)
  onTestFinished(() => hand.close())
  return hand
}

const readyOf = async (url: string) => (await fetch(`${url}/ready`)).status

describe('while NATS is away', () => {
  it('a server starts, and takes predictions that it does not lose', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    expect(await readyOf(server.url)).toBe(503)
    expect(await predict(api)).toMatchObject({ prediction: { status: 'QUEUED' } })
  })

  it('a server takes predictions, and brings them when it is back', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url)
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(200), SOON)
    await nats.kill()
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(503), SOON)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    const { prediction } = await predict(api)
    await nats.startAgain()
    const hand = await handOf(nats)
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(200), SOON)
    const ids: string[] = []
    while (!ids.includes(rowIdOf(prediction.id))) {
      const { job, message } = await hand.take()
      ids.push(job.id)
      expect(await hand.settle(succeeded(job.id))).toBe('settled')
      message.ack()
    }
    expect(await readPrediction(api, prediction.id)).toMatchObject({ status: 'SUCCEEDED' })
  })
})

describe('the due loop', () => {
  it('brings back the jobs of a stream that was deleted', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url)
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(200), SOON)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    const streams = await streamOf(nats)
    const { prediction } = await predict(api)
    const subject = `jobs.bio-age.1_0_0.${rowIdOf(prediction.id)}`
    const found = () => streams.getMessage(JOBS_STREAM, { last_by_subj: subject }).catch(() => null)
    await vi.waitUntil(found, SOON)
    await streams.delete(JOBS_STREAM)
    // Its own turn would come 10 s after the hold at the earliest.
    expect(await vi.waitUntil(found, SOON)).toBeTruthy()
  })

  it('ends a prediction at its deadline, gives the credits back and takes the job back', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url)
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(200), SOON)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    const streams = await streamOf(nats)
    const deadline = new Date(Date.now() + 2000).toISOString()
    const { prediction } = await predict(api, undefined, { deadline })
    const subject = `jobs.bio-age.1_0_0.${rowIdOf(prediction.id)}`
    const found = () => streams.getMessage(JOBS_STREAM, { last_by_subj: subject }).catch(() => null)
    await vi.waitUntil(found, SOON)
    await vi.waitFor(async () => {
      const now = await readPrediction(api, prediction.id)
      expect(now).toMatchObject({ status: 'EXPIRED', failure: { code: 'EXPIRED' } })
    }, SOON)
    expect(await readWallet(api)).toMatchObject({ available: 5, held: 0 })
    await vi.waitFor(async () => expect(await found()).toBeFalsy(), SOON)
  })

  it('ends a prediction at its deadline also without NATS', async () => {
    const server = await serve(kit, NOBODY_THERE)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    const deadline = new Date(Date.now() + 1500).toISOString()
    const { prediction } = await predict(api, undefined, { deadline })
    await vi.waitFor(async () => {
      expect(await readPrediction(api, prediction.id)).toMatchObject({ status: 'EXPIRED' })
    }, SOON)
  })
})

describe('settling', () => {
  it('judges each result of a batch by itself', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url)
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(200), SOON)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    const ids = await Promise.all([predict(api), predict(api)])
    const [good = '', bad = ''] = ids.map(({ prediction }) => rowIdOf(prediction.id))
    const hand = await handOf(nats)
    const output = { kind: 'regression', value: 'forty-two', unit: 'years' }
    const results = [succeeded(good), { id: bad, outcome: 'succeeded', output }]
    const reply = await hand.connection.request(
      'results.v1',
      JSON.stringify({ worker: 'by hand', results }),
      { timeout: 10_000 },
    )
    expect(reply.json()).toEqual({ verdicts: { [good]: 'settled', [bad]: 'invalid' } })
    expect(await readWallet(api)).toMatchObject({ available: 3, held: 1 })
  })

  it('answers what it has taken before the server leaves', async () => {
    const nats = await TestNats.start()
    const server = await serve(kit, nats.url)
    await vi.waitFor(async () => expect(await readyOf(server.url)).toBe(200), SOON)
    const api = new Api(server.url, (await kit.user({ balance: 5 })).accessToken)
    const { prediction } = await predict(api)
    const hand = await handOf(nats)
    const verdict = hand.settle(succeeded(rowIdOf(prediction.id)))
    await hand.connection.flush()
    const [told] = await Promise.all([verdict, server.stop()])
    expect(told).toBe('settled')
  })
})
