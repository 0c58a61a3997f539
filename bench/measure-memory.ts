import { setTimeout as after, setImmediate as turn } from 'node:timers/promises'
import { readGolden } from '@presage/models/card/golden'
import { type InstalledModel, loadCatalogue } from '@presage/models/card/load-catalogue'
import { accept } from '@presage/models/golden/invent'
import { answerQuestion } from '@presage/worker/consume/answer-question'
import { computeBatch, type ReadyModel } from '@presage/worker/consume/compute-batch'
import { loadModels } from '@presage/worker/consume/load-models'
import { exampleRows, exampleUploads } from '@presage/worker/runtimes/example-rows'
import type { Uploads, Values } from '@presage/worker/runtimes/runtime'
import { memory } from '@tensorflow/tfjs-core'
import sharp from 'sharp'
import type { MemoryReading } from './worker-memory.js'

/** Jobs of a batch, as a busy worker's thread gets them. */
const BATCH = 50
const QUARTERS = 4
/** A search asks for some thousands of scores. */
const SEARCHES_OF = 100
/** Bytes that the compiler notes of code that becomes hot. */
const COMPILED = 300_000
/** Pixels: a small picture goes the same way as a large one, in a third of the time. */
const PICTURE_SIDE = 128

const id = '0192f0c1-0000-7000-8000-000000000001'

/** One kind of work: does so many predictions. */
interface Kind {
  name: string
  predictions: number
  work(count: number): Promise<void>
}

/** Jobs through what the inference thread does with a batch; those with files come one by one. */
function jobsOf(
  ready: ReadyModel,
  variant: string,
  rows: readonly Values[],
  explain: boolean,
  uploads?: Uploads,
) {
  const size = uploads ? 1 : BATCH
  const { model, version } = ready
  const bodies = rows.map((input) =>
    JSON.stringify({ id, model, version, variant, explain, input }),
  )
  return async (count: number) => {
    for (let done = 0; done < count; done += size) {
      const jobs = Array.from({ length: Math.min(size, count - done) }, (_, at) => ({
        id,
        body: bodies[(done + at) % bodies.length] ?? '',
      }))
      await computeBatch(ready, { model, version, jobs, uploads }, (message) => {
        if (message.kind === 'computed' && message.texts.some((it) => !it.includes('"succeeded"')))
          throw new Error(message.texts[0])
      })
    }
  }
}

/** Questions beside the queue: what-ifs, or searches for a counterfactual. */
function questionsOf(ready: ReadyModel, variant: string, rows: readonly Values[], target?: object) {
  const models = new Map([[`${ready.model}@${ready.version}`, ready]])
  const asked = { model: ready.model, version: ready.version, variant, explain: false, target }
  const bodies = rows.map((input) => JSON.stringify({ ...asked, input }))
  return async (count: number) => {
    for (let done = 0; done < count; done++) {
      const answer = await answerQuestion(models, bodies[done % bodies.length] ?? '')
      if (answer.includes('"failure"')) throw new Error(answer)
    }
  }
}

const [predictions = 0, pictures = 0] = process.argv.slice(2).map(Number)

async function shrink(picture: Uint8Array): Promise<Uint8Array> {
  const side = { width: PICTURE_SIDE, height: PICTURE_SIDE }
  return new Uint8Array(await sharp(picture).resize(side).toBuffer())
}

/** The card's own example, small, again and again. */
async function picturesOf(ready: ReadyModel, model: InstalledModel): Promise<Kind[]> {
  const { card } = model
  const uploads = new Map<string, Uint8Array>()
  for (const [id, picture] of await exampleUploads(model)) uploads.set(id, await shrink(picture))
  return card.variants.map((variant) => {
    const rows = exampleRows(card, variant).map(({ values }) => values)
    const work = jobsOf(ready, variant.name, rows, false, uploads)
    return { name: `${card.name} ${variant.name}, predicted`, predictions: pictures, work }
  })
}

async function kindsOf(ready: ReadyModel, model: InstalledModel): Promise<Kind[]> {
  const { card } = model
  if (card.task === 'image') return picturesOf(ready, model)
  const golden = await readGolden(model)
  return card.variants.flatMap(({ name: variant, explanation }) => {
    const rows = golden
      .filter((row) => row.variant === variant)
      .map(({ input }) => accept(card, variant, input))
    const name = `${card.name} ${variant}`
    const jobs = (explain: boolean) => jobsOf(ready, variant, rows, explain)
    const kinds = [{ name: `${name}, predicted`, predictions, work: jobs(false) }]
    if (explanation) kinds.push({ name: `${name}, explained`, predictions, work: jobs(true) })
    kinds.push({ name: `${name}, what-if`, predictions, work: questionsOf(ready, variant, rows) })
    if (card.counterfactual)
      kinds.push({
        name: `${name}, counterfactual`,
        predictions: predictions / SEARCHES_OF,
        work: questionsOf(ready, variant, rows, { toward: 'lower', score: 0.2 }),
      })
    return kinds
  })
}

/**
 * What is in use once all that is garbage is gone, and how many tensors TensorFlow.js keeps. V8 frees
 * buffers from a thread of its own, which a loaded machine keeps waiting: what is more than `most`
 * bytes is looked at again, for 10 s.
 */
async function read(most: number) {
  for (let round = 0; ; round++) {
    await (round < 3 ? turn() : after(50))
    globalThis.gc?.()
    if (round < 2) continue
    const { heapUsed, external, rss } = process.memoryUsage()
    const used = heapUsed + external
    if (used <= most || round === 202) return { used, resident: rss, tensors: memory().numTensors }
  }
}

async function measure({ name, predictions, work }: Kind): Promise<MemoryReading> {
  const count = Math.ceil(predictions / QUARTERS)
  const quarters: MemoryReading['quarters'] = []
  for (let quarter = 0; quarter < QUARTERS; quarter++) {
    await work(count)
    const [first] = quarters
    quarters.push(await read(first ? first.used + COMPILED : Number.POSITIVE_INFINITY))
  }
  return { kind: name, predictions: QUARTERS * count, quarters }
}

const [{ ready }, catalogue] = await Promise.all([loadModels(), loadCatalogue()])
for (const each of ready) {
  const model = catalogue.version(each.model, each.version)
  const kinds = model ? await kindsOf(each, model) : []
  for (const kind of kinds.filter((it) => it.predictions > 0))
    process.stdout.write(`${JSON.stringify(await measure(kind))}\n`)
}
