import { nanos } from '@nats-io/transport-node'
import { expect, it } from 'vitest'
import { codeOf, occupy, setStage, settled, together, WITHIN } from './stage.js'

it('computes what has gathered in batches, each job once', async () => {
  const stage = await setStage()
  const ids = await stage.server.publishMany(300)
  await stage.work()
  await settled(stage)
  expect(stage.server.results.map(({ id }) => id).sort()).toEqual([...ids].sort())
  expect(Math.max(...stage.server.results.map(together))).toBeGreaterThan(8)
})

it('never holds more than it may', async () => {
  const stage = await setStage()
  await stage.server.fallSilent()
  await stage.server.publishMany(50)
  await stage.work({ MAX_IN_FLIGHT: '20' })
  await expect.poll(() => stage.server.queue(), WITHIN).toMatchObject({ inHand: 10, waiting: 40 })
})

it('keeps variants and models apart', async () => {
  const stage = await setStage()
  await stage.work()
  const occupying = await occupy(stage)
  const [first] = await stage.server.publishMany(3, { variant: 'v1' })
  const [second] = await stage.server.publishMany(4, { variant: 'v2' })
  const [other] = await stage.server.publishMany(5, { model: 'other', version: '2.1.0' })
  await expect.poll(() => stage.server.queue(), WITHIN).toMatchObject({ inHand: 8 })
  await expect
    .poll(() => stage.server.queue(['other', '2.1.0']), WITHIN)
    .toMatchObject({ inHand: 5 })
  occupying.finish()
  await settled(stage)
  const of = (id = '') => together(stage.server.resultsOf(id)[0])
  expect([of(first), of(second), of(other)]).toEqual([3, 4, 5])
})

it('runs a job that was delivered before alone', async () => {
  const stage = await setStage({ ack_wait: nanos(60_000) })
  const again = await stage.server.publish({})
  const elsewhere = await stage.server.take()
  await stage.work()
  const occupying = await occupy(stage)
  const [fresh = ''] = await stage.server.publishMany(10)
  await elsewhere.giveBack()
  await expect.poll(() => stage.server.queue(), WITHIN).toMatchObject({ inHand: 12 })
  occupying.finish()
  await settled(stage)
  expect(together(stage.server.resultsOf(again)[0])).toBe(1)
  expect(together(stage.server.resultsOf(fresh)[0])).toBe(10)
})

it('fails a job that was delivered too often without computing it', async () => {
  const stage = await setStage()
  const id = await stage.server.publish({ do: 'crash' })
  await stage.server.giveBack(5)
  await stage.work()
  await settled(stage)
  expect(codeOf(stage.server.resultsOf(id)[0])).toBe('POISON')
})

it('fails one row, an unreadable job and a misdirected one, each alone', async () => {
  const stage = await setStage()
  const { server } = stage
  const good = await server.publish({})
  const bad = await server.publish({ do: 'fail' })
  const misfit = await server.publish({}, { variant: 'none' })
  const text = '0192f0c1-0000-7000-8000-000000000001'
  server.open.add(text)
  await server.publishText({ model: 'fake', version: '1.0.0', id: text }, 'not a job')
  await stage.work()
  await settled(stage)
  const codes = [bad, misfit, text].map((id) => codeOf(server.resultsOf(id)[0]))
  expect(codes).toEqual(['NO', 'BAD_JOB', 'BAD_JOB'])
  expect(codeOf(server.resultsOf(good)[0])).toBe('succeeded')
})

it('removes a job that names no prediction', async () => {
  const stage = await setStage()
  await stage.server.publishText({ model: 'fake', version: '1.0.0', id: 'nobody' }, '{}')
  await stage.work()
  await settled(stage)
  expect(stage.server.results).toEqual([])
})

it('fails a result that is too large, and splits what is too large together', async () => {
  const stage = await setStage()
  const large = await stage.server.publish({ do: 'swell' })
  await stage.server.publishMany(256)
  await stage.work()
  await settled(stage)
  expect(codeOf(stage.server.resultsOf(large)[0])).toBe('OVERSIZED')
  expect(Math.max(...stage.server.requests)).toBeLessThanOrEqual(512 * 1024)
})

it('keeps a job alive while it computes longer than the acknowledgement may take', async () => {
  const stage = await setStage({ ack_wait: nanos(3_000) })
  await stage.work()
  const id = await stage.server.publish({ ms: 6_000 })
  await settled(stage)
  expect(stage.server.resultsOf(id)).toHaveLength(1)
  expect((await stage.server.queue()).deliveries).toBe(1)
}, 60_000)

it('announces a batch that will take a while, and no other', async () => {
  const stage = await setStage()
  await stage.work()
  const quick = await stage.server.publish({})
  await settled(stage)
  await stage.server.publish({ ms: 200 })
  await settled(stage)
  const announced = await stage.server.publish({ ms: 200 })
  await settled(stage)
  expect(stage.server.startedIds).toContain(announced)
  expect(stage.server.startedIds).not.toContain(quick)
})

it('leaves the jobs of a model it cannot open in the stream', async () => {
  const stage = await setStage()
  await stage.server.publish({}, { model: 'broken' })
  const good = await stage.server.publish({})
  await stage.work()
  await expect.poll(() => stage.server.resultsOf(good).length, WITHIN).toBe(1)
  await expect.poll(() => stage.server.inStream(), WITHIN).toBe(1)
})
