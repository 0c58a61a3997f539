import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { JOBS_STREAM, jobConsumer } from '@presage/messages/job'
import { expect, it, onTestFinished } from 'vitest'
import { codeOf, setStage, settled, WITHIN } from './stage.js'

it('keeps results while no server answers, and settles them when one does', async () => {
  const stage = await setStage()
  await stage.server.fallSilent()
  await stage.work()
  await stage.server.publishMany(20)
  await expect.poll(() => stage.server.queue(), WITHIN).toMatchObject({ inHand: 20 })
  stage.server.answer()
  await settled(stage)
  expect((await stage.server.queue()).deliveries).toBe(20)
}, 60_000)

it('asks again about what could not be decided', async () => {
  const stage = await setStage()
  const asked = new Set<string>()
  stage.server.verdict = ({ id }) => {
    if (asked.has(id)) return 'settled'
    asked.add(id)
    return 'retry'
  }
  await stage.work()
  const [id = ''] = await stage.server.publishMany(5)
  await settled(stage)
  expect(stage.server.resultsOf(id)).toHaveLength(2)
}, 60_000)

it('fails a job whose result the servers call invalid', async () => {
  const stage = await setStage()
  stage.server.verdict = ({ outcome }) => (outcome === 'succeeded' ? 'invalid' : 'settled')
  await stage.work()
  const id = await stage.server.publish({})
  await settled(stage)
  expect(stage.server.resultsOf(id).map(codeOf)).toEqual(['succeeded', 'INVALID_OUTPUT'])
}, 60_000)

it('waits for a stream that is not there yet, and for one that was deleted', async () => {
  const stage = await setStage()
  await stage.server.manager.streams.delete(JOBS_STREAM)
  await stage.work()
  await stage.server.createStream()
  await stage.server.publishMany(5)
  await settled(stage)
  await stage.server.manager.streams.delete(JOBS_STREAM)
  await stage.server.createStream()
  await stage.server.publishMany(5)
  await settled(stage)
  await stage.server.manager.consumers.delete(JOBS_STREAM, jobConsumer('fake', '1.0.0'))
  await stage.server.createConsumers()
  await stage.server.publishMany(5)
  await settled(stage)
}, 60_000)

it('settles what it had in hand when the stream was deleted', async () => {
  const stage = await setStage()
  await stage.work()
  const id = await stage.server.publish({ ms: 1_000 })
  await expect.poll(() => stage.server.queue(), WITHIN).toMatchObject({ inHand: 1 })
  await stage.server.manager.streams.delete(JOBS_STREAM)
  await expect.poll(() => stage.server.resultsOf(id).length, WITHIN).toBe(1)
}, 60_000)

it('goes on after nats-server was killed and started again', async () => {
  const stage = await setStage()
  await stage.work()
  await stage.server.publishMany(40)
  await stage.nats.kill()
  await stage.nats.startAgain()
  await settled(stage)
  await stage.server.publishMany(5)
  await settled(stage)
}, 60_000)

it('recomputes the jobs of a thread that crashed, and fails the one that crashes it', async () => {
  const stage = await setStage()
  await stage.work({ MAX_ATTEMPTS: '2' })
  const [good, crash, broken] = await Promise.all([
    stage.server.publish({}),
    stage.server.publish({ do: 'crash' }),
    stage.server.publish({ do: 'throw' }),
  ])
  await settled(stage)
  const codes = [good, crash, broken].map((id) => codeOf(stage.server.resultsOf(id)[0]))
  expect(codes).toEqual(['succeeded', 'POISON', 'POISON'])
}, 60_000)

it('ends a thread that hangs', async () => {
  const stage = await setStage()
  await stage.work({ MAX_ATTEMPTS: '1', COMPUTE_TIMEOUT_MS: '300' })
  const hung = await stage.server.publish({ ms: 60_000 })
  await settled(stage)
  const good = await stage.server.publish({})
  await settled(stage)
  const codes = [hung, good].map((id) => codeOf(stage.server.resultsOf(id)[0]))
  expect(codes).toEqual(['POISON', 'succeeded'])
}, 60_000)

it('leaves jobs alone while it cannot open its models again, and fails none of them', async () => {
  const stage = await setStage()
  const modelsDir = mkdtempSync(join(tmpdir(), 'presage-down-'))
  onTestFinished(() => rmSync(modelsDir, { recursive: true }))
  await stage.work({ MODELS_DIR: modelsDir, MAX_ATTEMPTS: '2' })
  const down = join(modelsDir, 'down')
  writeFileSync(down, '')
  const crash = await stage.server.publish({ do: 'crash' })
  const good = await stage.server.publishMany(5)
  await expect.poll(() => readFileSync(down).length, WITHIN).toBeGreaterThan(2)
  rmSync(down)
  await settled(stage)
  expect(codeOf(stage.server.resultsOf(crash)[0])).toBe('POISON')
  const codes = good.map((id) => codeOf(stage.server.resultsOf(id)[0]))
  expect(new Set(codes)).toEqual(new Set(['succeeded']))
}, 60_000)
