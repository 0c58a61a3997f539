import {
  type Bulk,
  type BulkItem,
  ConsentRequiredError,
  IdempotencyConflictError,
  InvalidInputError,
  LineError,
  type LineResult,
  type Presage,
} from '@presage/client'
import { expect, it, vi } from 'vitest'
import { ledgerFaults } from '../../kit/check-ledger.js'
import { goldenItems } from '../../kit/golden-items.js'
import { openKit } from '../../kit/kit.js'
import { openPresage } from '../../kit/open-presage.js'
import { bioAge } from '../../kit/operations.js'
import type { UserSeed } from '../../kit/seed-user.js'

const MODELS = ['bio-age', 'credit-default', 'depression-risk']

const kit = await openKit()
const stack = await kit.stack({ env: { OPEN_PREDICTIONS: '150', MODELS: MODELS.join() } })

const SOON = { timeout: 30_000, interval: 50 }

/** A client of a new user. */
async function someone(balance: number, seed: UserSeed = {}) {
  const user = await kit.user({ ...seed, balance })
  return { presage: await openPresage(stack.servers[0], user), user }
}

const HEADER = 'patient,age,sex,albumin (g/L),creatinine,glucose,crp,lymphocytes,mcv,rdw,alp,wbc'

const rowOf = (i: number, age: number | string = 20 + (i % 80)) =>
  `p${i},${age},${i % 2 ? 'male' : 'female'},42,0.9,90,0.3,30,90,13,65,6`

/** Line 0 and those after it. */
const csvLine = (i: number) => (i === 0 ? HEADER : rowOf(i))
const ndjsonLine = (i: number) => JSON.stringify(bioAge('PHENOAGE', { age: 20 + (i % 80) }))

/** So many lines after the first, each a piece of its own; `read` tells how many were asked for. */
function fileOf(rows: number, lineOf = csvLine) {
  const file = { read: 0, stream: new ReadableStream<string>() }
  file.stream = new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(`${lineOf(file.read)}\n`)
        if (file.read++ === rows) controller.close()
      },
    },
    { highWaterMark: 0 },
  )
  return file
}

const how = { model: 'bio-age', keep: ['patient'] }

it('a CSV file is predicted in bulks, within the limits, and told in the order of its lines', async () => {
  const { presage, user } = await someone(1000)
  const file = fileOf(450)
  const results: LineResult[] = []
  for await (const result of presage.bulk.fromCsv(file.stream, { ...how, bulkSize: 100 }))
    results.push(result)
  expect(results.map(({ line }) => line)).toEqual(Array.from({ length: 450 }, (_, i) => i + 2))
  expect(results.map(({ kept }) => kept.patient)).toEqual(
    Array.from({ length: 450 }, (_, i) => `p${i + 1}`),
  )
  expect(new Set(results.map(({ prediction }) => prediction?.status))).toEqual(
    new Set(['SUCCEEDED']),
  )
  expect(await kit.db.prisma.bulk.count({ where: { userId: user.userId } })).toBe(5)
  expect((await presage.wallet()).available).toBe(550)
})

it('each bad line is told by itself with its number, and the output is CSV again', async () => {
  const { presage } = await someone(2)
  const text = [HEADER, rowOf(1), rowOf(2, 'old'), `${rowOf(3)},9,9`, rowOf(4), rowOf(5)].join('\n')
  const file = new Blob([text]).stream()
  const out = await new Response(presage.bulk.toCsv(presage.bulk.fromCsv(file, how))).text()
  const [header, ...lines] = out.trim().split('\r\n')
  expect(header).toMatch(/^patient,line,status,value,/)
  expect(lines.map((line) => line.split(',').slice(0, 3).join())).toEqual([
    ...['p1,2,SUCCEEDED', 'p2,3,REFUSED', 'p3,4,REFUSED', 'p4,5,SUCCEEDED', 'p5,6,REFUSED'],
  ])
  for (const [i, code] of [
    [1, 'INVALID_INPUT'],
    [2, 'BAD_LINE'],
    [4, 'INSUFFICIENT_FUNDS'],
  ] as const)
    expect(lines[i]).toContain(code)
})

it.each(['CSV', 'NDJSON'])(
  'a file of %s is read only as its output is, and a reader that leaves ends it',
  async (format) => {
    const { presage, user } = await someone(5000)
    const { fromCsv, fromNdjson, toCsv, toNdjson } = presage.bulk
    const sizes = { bulkSize: 10, inFlight: 2 }
    const file = fileOf(100_000, format === 'CSV' ? csvLine : ndjsonLine)
    const out =
      format === 'CSV'
        ? toCsv(fromCsv(file.stream, { ...how, ...sizes }))
        : toNdjson(fromNdjson(file.stream, sizes))
    expect(file.read).toBe(0)
    const reader = out.getReader()
    for (let i = 0; i < 15; i++) expect((await reader.read()).done).toBe(false)
    // All that was sent has ended, and nobody asks for what comes next.
    const where = { userId: user.userId, finishedAt: null }
    await vi.waitFor(
      async () => expect(await kit.db.prisma.prediction.count({ where })).toBe(0),
      SOON,
    )
    // The bulks under way, the one being filled, and the row kept back by the parser.
    expect(file.read).toBeLessThanOrEqual(15 + 4 * 10 + 2)
    await reader.cancel()
    const { read } = file
    expect(await kit.db.prisma.bulk.count({ where: { userId: user.userId } })).toBeLessThanOrEqual(
      4,
    )
    expect(file.read).toBe(read)
    await expect(file.stream.getReader().read()).resolves.toMatchObject({ done: true })
  },
)

it('the same file under the same key is paid for once', async () => {
  const { presage } = await someone(100)
  const again = async (rows: number) => {
    const ids: unknown[] = []
    const options = { ...how, bulkSize: 10, idempotencyKey: 'file' }
    for await (const { prediction } of presage.bulk.fromCsv(fileOf(rows).stream, options))
      ids.push(prediction?.id)
    return ids
  }
  const first = await again(25)
  expect(await again(25)).toEqual(first)
  expect((await presage.wallet()).available).toBe(75)
  await expect(again(15)).rejects.toBeInstanceOf(IdempotencyConflictError)
})

it('an NDJSON file holds items of any models, and so does its output', async () => {
  const { presage } = await someone(10)
  const lines = [bioAge(), 'no JSON', bioAge('NETWORK'), { horoscope: { features: {} } }]
  const text = lines.map((it) => (typeof it === 'string' ? it : JSON.stringify(it))).join('\n')
  const results = presage.bulk.fromNdjson(new Blob([text]).stream())
  const out = await new Response(presage.bulk.toNdjson(results)).text()
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { line: 1, prediction: { status: 'SUCCEEDED', charge: { captured: 1 } }, error: null },
    { line: 2, prediction: null, error: { code: 'BAD_LINE' } },
    { line: 3, prediction: { status: 'SUCCEEDED', charge: { captured: 3 } } },
    { line: 4, prediction: null, error: { code: 'INVALID_INPUT' } },
  ])
})

const ageOf = ({ prediction }: LineResult): unknown =>
  (prediction?.input as { age?: number } | undefined)?.age

it('a line that asks for nothing leaves each result to its own line', async () => {
  const { presage } = await someone(10)
  const text = ['null', ...[30, 80].map((age) => JSON.stringify(bioAge('PHENOAGE', { age })))]
  const told: unknown[] = []
  for await (const result of presage.bulk.fromNdjson(new Blob([text.join('\n')]).stream()))
    told.push([result.line, ageOf(result), result.error?.code])
  expect(told).toEqual([
    [1, undefined, 'BAD_LINE'],
    [2, 30, undefined],
    [3, 80, undefined],
  ])
})

it('lines of any length are told by themselves, whatever a request may hold', async () => {
  const { presage } = await someone(10)
  // 40 KB each as UTF-8, in 20,000 characters.
  const wide = { horoscope: { features: { mood: 'ж'.repeat(20_000) } } }
  const huge = { horoscope: { features: { mood: 'ж'.repeat(600_000) } } }
  const items = [bioAge(), ...Array.from({ length: 40 }, () => wide), huge, bioAge()]
  const text = items.map((item) => JSON.stringify(item)).join('\n')
  const codes: (string | undefined)[] = []
  for await (const { error, prediction } of presage.bulk.fromNdjson(new Blob([text]).stream()))
    codes.push(error?.code ?? prediction?.status)
  expect(codes).toEqual([
    ...['SUCCEEDED', ...Array.from({ length: 40 }, () => 'INVALID_INPUT')],
    ...['BAD_LINE', 'SUCCEEDED'],
  ])
})

it('a header that is none is refused before anything is paid for', async () => {
  const { presage } = await someone(5)
  const file = new Blob(['patient,mood\np1,good\n']).stream()
  const results = presage.bulk.fromCsv(file, how)
  await expect(results.next()).rejects.toBeInstanceOf(LineError)
  expect((await presage.wallet()).held).toBe(0)
})

it('the parts are there by themselves', async () => {
  const { presage } = await someone(5)
  const { bulk, replayed } = await presage.bulk.predict([
    bioAge() as never,
    bioAge('PHENOAGE', { age: 500 }) as never,
  ])
  expect(replayed).toBe(false)
  const states = []
  for await (const state of presage.bulk.watch(bulk.id)) states.push(state)
  expect(states.at(-1)).toMatchObject({ progress: { open: 0, succeeded: 1, refused: 1 } })
  const errors: unknown[] = []
  for await (const { error } of presage.bulk.items(bulk.id, { refused: true })) errors.push(error)
  expect(errors).toEqual([expect.any(InvalidInputError)])
  expect((await presage.bulk.cancel(bulk.id)).bulk.charge.captured).toBe(1)
  expect((await presage.bulk.read(bulk.id))?.size).toBe(2)
})

/** The bulk once nothing of it is open, and its items. */
async function ended(presage: Presage, id: string): Promise<{ bulk: Bulk; items: BulkItem[] }> {
  const states: Bulk[] = []
  for await (const state of presage.bulk.watch(id)) states.push(state)
  const bulk = states.at(-1)
  if (!bulk) throw new Error('nobody told of the bulk')
  const items: BulkItem[] = []
  for await (const item of presage.bulk.items(id)) items.push(item)
  return { bulk, items }
}

/** The figure of an output that golden rows are of. */
const figureOf = ({ prediction }: BulkItem): unknown => {
  const output = prediction?.output
  if (output?.__typename === 'RegressionOutput') return output.value
  return output?.__typename === 'ClassificationOutput' ? output.probability : output
}

it('models of every price meet in one bulk, each with its own answer and its own charge', async () => {
  const sent = await goldenItems(...MODELS)
  const prices = sent.map(({ price }) => price)
  const total = prices.reduce((sum, price) => sum + price, 0)
  expect(prices).toEqual([1, 3, 5, 1, 1, 1, 2])
  const { presage, user } = await someone(total + 6)
  const paid = await presage.bulk.predict(sent.map(({ input }) => input))
  expect(paid.bulk).toMatchObject({ size: 7, charge: { price: total } })
  expect(paid.wallet.available).toBe(6)
  const { bulk, items } = await ended(presage, paid.bulk.id)
  expect(bulk).toMatchObject({
    progress: { refused: 0, open: 0, done: 7, succeeded: 7, failed: 0 },
    charge: { price: total, held: 0, captured: total, released: 0 },
  })
  for (const [i, { golden, price }] of sent.entries()) {
    const item = items[i]
    if (!item) throw new Error(`item ${i} is missing`)
    expect(item.prediction).toMatchObject({ status: 'SUCCEEDED', charge: { captured: price } })
    expect(item.prediction?.variant?.name).toBe(golden.variant)
    const { output, tolerance } = golden
    const wanted = 'value' in output ? output.value : 'probability' in output && output.probability
    expect(Math.abs(Number(figureOf(item)) - Number(wanted))).toBeLessThanOrEqual(tolerance)
  }
  expect(await presage.wallet()).toMatchObject({ available: 6, held: 0 })
  expect(await ledgerFaults(kit.seeds, [user.userId])).toEqual([])
})

it('an item whose model lacks consent is refused by itself, and those beside it run', async () => {
  const [blood, , credit, mood] = (await goldenItems(...MODELS)).map(({ input }) => input)
  if (!blood || !credit || !mood) throw new Error('golden rows are missing')
  const { presage } = await someone(20, { agrees: false })
  const before = await presage.bulk.predict([blood, credit, mood])
  const first = await ended(presage, before.bulk.id)
  const refused = (model: string) =>
    expect.objectContaining({ code: 'CONSENT_REQUIRED', model, version: 1 })
  expect(first.items.map(({ error }) => error)).toEqual([
    ...[refused('bio-age'), null, refused('depression-risk')],
  ])
  expect(first.items[0]?.error).toBeInstanceOf(ConsentRequiredError)
  expect(first.items[1]?.prediction?.status).toBe('SUCCEEDED')
  expect(first.bulk).toMatchObject({
    progress: { refused: 2, done: 1, succeeded: 1 },
    charge: { price: 5, captured: 5 },
  })
  // Consent to one model is none to another.
  await presage.consents.give({ model: 'depression-risk', version: 1 })
  const after = await presage.bulk.predict([blood, credit, mood])
  const { bulk, items } = await ended(presage, after.bulk.id)
  expect(items.map(({ prediction, error }) => prediction?.status ?? error?.code)).toEqual([
    ...['CONSENT_REQUIRED', 'SUCCEEDED', 'SUCCEEDED'],
  ])
  expect(bulk.charge).toMatchObject({ price: 6, captured: 6, held: 0 })
  expect(await presage.wallet()).toMatchObject({ available: 9, held: 0 })
})
