import { expect, it } from 'vitest'
import { occupy, setStage, settled, WITHIN } from './stage.js'

it('finishes and settles what is in hand, and leaves the rest to the next worker', async () => {
  const stage = await setStage()
  const { server, work } = stage
  const worker = await work({ DRAIN_MS: '10000' })
  const started = await occupy(stage)
  const waiting = await server.publish({})
  await expect.poll(() => server.queue(), WITHIN).toMatchObject({ inHand: 2 })
  const stopping = worker.stop()
  await work()
  await expect.poll(() => server.resultsOf(waiting).length, WITHIN).toBe(1)
  expect(server.resultsOf(started.id)).toHaveLength(0)
  started.finish()
  expect(await stopping).toBe(1)
  expect(server.resultsOf(started.id)).toHaveLength(1)
  await settled(stage)
}, 60_000)

it('gives back what no server settles in time, and loses nothing', async () => {
  const stage = await setStage()
  const { server, work } = stage
  await server.fallSilent()
  const worker = await work()
  await server.publishMany(10)
  await expect.poll(() => server.queue(), WITHIN).toMatchObject({ inHand: 10 })
  expect(await worker.stop()).toBe(10)
  server.answer()
  await work()
  await settled(stage)
}, 60_000)

it('loses nothing when workers come and go under load', async () => {
  const stage = await setStage()
  const { server, work } = stage
  let worker = await work({ DRAIN_MS: '10000' })
  for (let round = 0; round < 4; round++) {
    const publishing = server.publishMany(200)
    const next = await work({ DRAIN_MS: '10000' })
    await Promise.all([worker.stop(), publishing])
    worker = next
  }
  await settled(stage)
  expect(server.results.every(({ outcome }) => outcome === 'succeeded')).toBe(true)
}, 60_000)
