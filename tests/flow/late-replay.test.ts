import { InvalidInputError } from '@presage/domain/errors'
import { predict } from '@presage/domain/predictions/predict'
import { QuoteError, quote } from '@presage/domain/predictions/quote'
import type { Run } from '@presage/domain/predictions/run'
import { afterEach, expect, it, vi } from 'vitest'
import { openKit } from '../kit/kit.js'
import { closingOf } from '../kit/money-stage.js'

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
  const again = await predict(domain, user, request, run)
  expect(again).toMatchObject({ replayed: true, prediction: { id: prediction.id } })
  expect(again.wallet).toMatchObject({ balance: 4n, held: 1n })
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
