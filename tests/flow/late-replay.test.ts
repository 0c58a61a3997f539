import { IdempotencyConflictError, InvalidInputError } from '@presage/domain/errors'
import { ConflictError } from '@presage/domain/predictions/conflict-error'
import { createDraft, runDraft } from '@presage/domain/predictions/drafts'
import { predict } from '@presage/domain/predictions/predict'
import { QuoteError, quote } from '@presage/domain/predictions/quote'
import type { Run } from '@presage/domain/predictions/run'
import type { Catalogue } from '@presage/models/card/load-catalogue'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'
import { statementsOf } from '../kit/statements.js'
import { testCatalogue } from '../kit/test-catalogue.js'

const kit = await openKit()
const domain = kit.domain()

const HOUR_MS = 3_600_000

const request = { model: 'toll', variant: 'one', features: { n: 1 } }
const other = { ...request, features: { n: 2 } }

const plain: Run = { idempotencyKey: 'key', explain: false, waitMs: 0 }

/** Only the clock of this process: the database and all timers go on as they are. */
const twoHoursLater = () => vi.useFakeTimers({ now: Date.now() + 2 * HOUR_MS, toFake: ['Date'] })
afterEach(() => {
  vi.useRealTimers()
})

it('waits for the end also when the call is repeated', async () => {
  const user = await kit.user({ balance: 5 })
  const { prediction } = await predict(domain, user, request, plain)
  const repeated = predict(domain, user, request, { ...plain, waitMs: 30_000 })
  await expect.poll(() => domain.signals.size, { timeout: 30_000 }).toBe(1)
  await domain.closings.submit(closingOf(prediction.id, 'succeed'))
  const again = await repeated
  expect(again).toMatchObject({ replayed: true, prediction: { status: 'SUCCEEDED' } })
  expect(again.wallet).toMatchObject({ balance: 4n, held: 0n })
  expect(domain.signals.size).toBe(0)
})

it('answers a repeated call with its prediction although the deadline has passed', async () => {
  const user = await kit.user({ balance: 5 })
  const run: Run = { ...plain, deadline: new Date(Date.now() + HOUR_MS) }
  const { prediction } = await predict(domain, user, request, run)
  twoHoursLater()
  let again = {}
  const sent = await statementsOf(async () => {
    again = await predict(domain, user, request, run)
  })
  expect(again).toMatchObject({
    ...{ replayed: true, prediction: { id: prediction.id }, wallet: { balance: 4n, held: 1n } },
  })
  // Another server's hold may not be flushed yet.
  const names = sent.map(({ name }) => name)
  expect(names).toEqual(['prediction_by_key', 'flush_commits', 'read_wallets'])
  await expect(predict(domain, user, other, run)).rejects.toThrow(InvalidInputError)
})

it('answers a repeated call with its prediction although the quote has expired', async () => {
  const user = await kit.user({ balance: 5 })
  const promised = await quote(domain, user, request, false)
  const run: Run = { ...plain, quote: promised.id }
  const { prediction } = await predict(domain, user, request, run)
  twoHoursLater()
  const again = await predict(domain, user, request, run)
  expect(again).toMatchObject({ replayed: true, prediction: { id: prediction.id } })
  const fresh = { ...run, idempotencyKey: 'another' }
  await expect(predict(domain, user, request, fresh)).rejects.toThrow(QuoteError)
})

/** The toll of another version, which takes nothing but 0; the first is installed beside it, or not. */
function tollOfLater({ keepsFirst }: { keepsFirst: boolean }): Catalogue {
  const first = testCatalogue()
  const models = first.models.map(({ card, dir }) => ({
    dir,
    card: {
      ...card,
      version: '2.0.0',
      features: card.features.map((feature) => ({ ...feature, max: 0 })),
    },
  }))
  const installed = keepsFirst ? [...first.models, ...models] : models
  const named = (name: string) => models.filter(({ card }) => card.name === name)
  return {
    models,
    installed,
    model: (name) => named(name)[0],
    version: (name, version) =>
      installed.find(({ card }) => card.name === name && card.version === version),
  }
}

describe.each([
  ['takes less', { keepsFirst: true }],
  ['takes less, and the one that took it is not installed any more', { keepsFirst: false }],
])('where the version on sale by now %s', (_case, later) => {
  const after = kit.domain({ catalogue: tollOfLater(later) })

  it('answers a repeated call with its prediction, and no other', async () => {
    const user = await kit.user({ balance: 5 })
    const { prediction } = await predict(domain, user, request, plain)
    const again = await predict(after, user, request, plain)
    expect(again).toMatchObject({ replayed: true, prediction: { id: prediction.id } })
    expect(again.wallet).toMatchObject({ balance: 4n, held: 1n })
    for (const [asked, run] of [
      [other, plain],
      [request, { ...plain, idempotencyKey: 'another' }],
      [request, { ...plain, explain: true }],
    ] as const)
      await expect(predict(after, user, asked, run)).rejects.toThrow(InvalidInputError)
  })

  it('answers a repeated call that asked for the first version by name', async () => {
    const user = await kit.user({ balance: 5 })
    const pinned = { ...request, version: '1.0.0' }
    const { prediction } = await predict(domain, user, pinned, plain)
    const again = await predict(after, user, pinned, plain)
    expect(again).toMatchObject({ replayed: true, prediction: { id: prediction.id } })
  })

  it('answers a repeated run of a draft, and tells another run that it is none any more', async () => {
    const user = await kit.user({ balance: 5 })
    const { prediction: draft } = await createDraft(domain, user, request)
    await runDraft(domain, user, draft.id, plain)
    const again = await runDraft(after, user, draft.id, plain)
    expect(again).toMatchObject({ replayed: true, prediction: { id: draft.id, status: 'QUEUED' } })
    expect(again.wallet).toMatchObject({ balance: 4n, held: 1n })
    const another = { ...plain, idempotencyKey: 'another' }
    await expect(runDraft(after, user, draft.id, another)).rejects.toThrow(ConflictError)
  })
})

it('tells who runs a draft under a key of another call that it is taken, whatever the draft is by now', async () => {
  const user = await kit.user({ balance: 5 })
  const drafts = await Promise.all([1, 2].map(() => createDraft(domain, user, request)))
  const [first, second] = drafts.map(({ prediction }) => prediction.id)
  if (!first || !second) throw new Error('there are two drafts')
  await runDraft(domain, user, first, plain)
  await runDraft(domain, user, second, { ...plain, idempotencyKey: 'another' })
  for (const [id, run] of [
    [first, { ...plain, explain: true }],
    [second, plain],
  ] as const)
    await expect(runDraft(domain, user, id, run)).rejects.toThrow(IdempotencyConflictError)
})

it('tells who repeats the run of a draft after its input was erased that it is none any more', async () => {
  const user = await kit.user({ balance: 5 })
  const { prediction: draft } = await createDraft(domain, user, request)
  await runDraft(domain, user, draft.id, plain)
  await domain.closings.submit(closingOf(draft.id, 'succeed'))
  await kit.db.pool.query(
    `UPDATE predictions SET input = '{}', explanation = NULL, request_hash = NULL WHERE id = $1`,
    [draft.id],
  )
  await expect(runDraft(domain, user, draft.id, plain)).rejects.toThrow(ConflictError)
})
