import { Inference } from '@presage/worker/consume/inference'
import { pino } from 'pino'
import { expect, it } from 'vitest'

const file = new URL('./fake-thread.ts', import.meta.url)
const body = (input: object) =>
  JSON.stringify({
    ...{ id: '0192f0c1-0000-7000-8000-000000000001', model: 'fake', version: '1.0.0' },
    ...{ variant: 'v1', explain: false, input },
  })
const batch = (input: object) => ({
  model: 'fake',
  version: '1.0.0',
  jobs: [{ id: '0192f0c1-0000-7000-8000-000000000001', body: body(input) }],
})

/** An inference with all its events, in order. */
function observed(onEvent: (event: string) => void = () => {}) {
  const log = pino({ level: 'silent' })
  const inference = new Inference({ file, modelsDir: undefined, computeTimeoutMs: 10_000, log })
  const events: string[] = []
  const note = (event: string) => () => {
    events.push(event)
    onEvent(event)
  }
  inference.listen({
    onStarted: note('started'),
    onComputed: note('computed'),
    onFree: note('free'),
    onCrashed: note('crashed'),
    onDown: note('down'),
    onRestarted: note('restarted'),
  })
  return { inference, events }
}

it('says what it serves and what it refuses', async () => {
  const { inference } = observed()
  const { served, refused } = await inference.open()
  expect(served.map(({ model }) => model)).toEqual(['fake', 'other'])
  expect(refused).toMatchObject([{ model: 'broken', reason: 'ArtifactError: altered' }])
  await inference.close()
})

it('stays closed, whatever the thread still had to say', async () => {
  const closing: Promise<void>[] = []
  const { inference, events } = observed(() => {
    // Long enough for the thread to say that it is free before it is told to end.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)
    closing.push(inference.close())
  })
  await inference.open()
  inference.compute(batch({}))
  await expect.poll(() => closing.length).toBe(1)
  await Promise.all(closing)
  expect(events).toEqual(['computed'])
  expect(inference.up).toBe(false)
})

it('does not wait for ever for a thread that hangs while it opens its models', async () => {
  const inference = new Inference({
    ...{ file: new URL('./hanging-thread.ts', import.meta.url), modelsDir: undefined },
    ...{ computeTimeoutMs: 10_000, openWithinMs: 500, log: pino({ level: 'silent' }) },
  })
  await expect(inference.open()).rejects.toThrow('not open after 500 ms')
  await inference.close()
})

it('starts another thread after a crash', async () => {
  const { inference, events } = observed()
  await inference.open()
  inference.compute(batch({ do: 'crash' }))
  expect(inference.free).toBe(false)
  await expect.poll(() => events, { timeout: 20_000 }).toEqual(['crashed', 'restarted'])
  inference.compute(batch({}))
  await expect.poll(() => events.slice(2)).toEqual(['computed', 'free'])
  await inference.close()
})

const question = (input: object) =>
  JSON.stringify({ model: 'fake', version: '1.0.0', variant: 'v1', explain: false, input })

it('answers a question beside a batch, also while one is computed', async () => {
  const { inference, events } = observed()
  await inference.open()
  inference.compute(batch({ ms: 200 }))
  const answers = [inference.ask(question({})), inference.ask(question({ do: 'fail' }))]
  const [sound, failed] = (await Promise.all(answers)).map((answer) => JSON.parse(answer))
  expect(sound).toMatchObject({ output: { value: 1 } })
  expect(failed).toEqual({ failure: { code: 'NO', message: 'This row cannot.' } })
  expect(events).toEqual(['computed', 'free'])
  await inference.close()
})

it('leaves no question of a crashed thread without a word', async () => {
  const { inference } = observed()
  await inference.open()
  const asked = [inference.ask(question({ do: 'crash' })), inference.ask(question({}))]
  for (const each of await Promise.allSettled(asked))
    expect(each).toMatchObject({ status: 'rejected', reason: { name: 'UnansweredError' } })
  await expect(inference.ask(question({}))).rejects.toThrow('there is no thread')
  await inference.close()
})
