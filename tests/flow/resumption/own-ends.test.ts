import type { Domain } from '@presage/domain/domain'
import { type FeedEvent, type FeedFilter, openFeed } from '@presage/domain/events/feed'
import { changeOf, notifyChanges, publishChanges } from '@presage/domain/events/publish-changes'
import { cancelPrediction } from '@presage/domain/predictions/cancel-prediction'
import type { Closing } from '@presage/domain/predictions/close-predictions'
import { predict } from '@presage/domain/predictions/predict'
import { startPredictions } from '@presage/domain/predictions/start-predictions'
import type { Viewer } from '@presage/domain/viewer'
import { expect, it, onTestFinished } from 'vitest'
import { openKit } from '../../kit/kit.js'
import { closingOf, lapse } from '../../kit/money-stage.js'
import { statementsOf } from '../../kit/statements.js'
import { take, topUpMany } from './log.js'

const kit = await openKit()
/** Two servers of one database; a hint goes from one to the other when a test says so. */
const [here, there] = [kit.domain(), kit.domain()]

const ENDS: FeedFilter = {
  kinds: ['PredictionChanged'],
  statuses: ['SUCCEEDED', 'FAILED', 'CANCELED', 'EXPIRED'],
}

const EXPLANATION = {
  ...{ method: 'integrated_gradients', unit: 'years', baseline: 40.25 },
  contributions: [{ feature: 'n', value: 7, contribution: 1e-7 }],
}

/** Who follows ends on this server; the cursor is that of the feed's beginning. */
async function follower() {
  const user = await kit.user({ balance: 10, bonus: 1 })
  const feed = await openFeed(here, user, null, ENDS)
  onTestFinished(async () => void (await feed.return?.()))
  const [opened] = await take(feed, 1)
  return { user, feed, cursor: opened?.cursor ?? '' }
}

/** Bought on this server, of a free variant or not. */
async function bought(user: Viewer, variant = 'one'): Promise<string> {
  const request = { model: 'toll', variant, features: { n: 7 } }
  const run = { idempotencyKey: `${variant} ${Math.random()}`, explain: false, waitMs: 0 }
  return (await predict(here, user, request, run)).prediction.id
}

/** What callers see of an event: when a run is looked for again is the database's own. */
const seen = (event: FeedEvent) =>
  event.kind === 'PredictionChanged'
    ? { ...event, prediction: { ...event.prediction, dueAt: null } }
    : event

const told = async (feed: AsyncIterator<FeedEvent>, count: number) =>
  (await take(feed, count)).map(seen)

/** The next end, behind any places that are told before it. */
async function nextEnd(feed: AsyncIterator<FeedEvent>): Promise<FeedEvent | undefined> {
  for (;;) {
    const [event] = await told(feed, 1)
    if (event?.kind !== 'FeedOpened') return event
  }
}

/** The same events, read from the log. */
const readAgain = async (user: Viewer, cursor: string, count: number) =>
  (await told(await openFeed(there, user, cursor, ENDS), 1 + count)).slice(1)

const end = (domain: Domain, closing: Closing) => domain.closings.submit(closing)

async function startedAndEnded(starter: Domain, id: string) {
  const started = await startPredictions(starter.db.pool, [id])
  publishChanges(
    starter,
    started.map((each) => changeOf({ ...each, to: 'RUNNING' })),
  )
  await end(here, closingOf(id, 'succeed'))
}

/** The statements that end one success that is alone, and all else. */
const [CAPTURE, CLOSE] = ['capture_prediction', 'close_predictions'] as const

it.each<[string, string, (id: string) => Closing, string]>([
  ['succeeded', 'one', (id) => closingOf(id, 'succeed'), CAPTURE],
  ['succeeded for nothing', 'free', (id) => closingOf(id, 'succeed'), CAPTURE],
  [
    'explained',
    'one',
    (id) => ({ ...closingOf(id, 'succeed'), explanation: EXPLANATION }),
    CAPTURE,
  ],
  ['failed', 'one', (id) => closingOf(id, 'fail'), CLOSE],
])(
  'an end that %s is told as the log tells it, without reading it',
  async (_what, variant, of, by) => {
    const { user, feed, cursor } = await follower()
    const id = await bought(user, variant)
    const events: FeedEvent[] = []
    const sent = await statementsOf(async () => {
      await end(here, of(id))
      events.push(...(await told(feed, 1)))
    })
    expect(sent.map(({ name }) => name)).toEqual([by])
    expect(events).toStrictEqual(await readAgain(user, cursor, 1))
  },
)

it.each<[string, (id: string, user: Viewer) => Promise<unknown>]>([
  ['ended by another server', (id) => end(there, closingOf(id, 'succeed'))],
  ['canceled', (id, user) => cancelPrediction(here, user, id)],
  ['started here first', (id) => startedAndEnded(here, id)],
  ['started by another server first', (id) => startedAndEnded(there, id)],
  [
    'computed when it was too late',
    async (id, user) => {
      await lapse(here, user, id)
      await end(here, closingOf(id, 'succeed'))
    },
  ],
])('a run that is %s is told as the log tells it', async (_what, does) => {
  const { user, feed, cursor } = await follower()
  const [id, next] = [await bought(user), await bought(user)]
  await does(id, user)
  notifyChanges(here, there.outbox.announced.splice(0))
  const events = await told(feed, 1)
  await end(here, closingOf(next, 'fail'))
  events.push(...(await told(feed, 1)))
  expect(events).toStrictEqual(await readAgain(user, cursor, 2))
})

it('an end that another server told nobody of comes with the next wake of all', async () => {
  const { user, feed, cursor } = await follower()
  const [id, lost] = [await bought(user), await bought(user)]
  await end(here, closingOf(id, 'succeed'))
  await end(there, closingOf(lost, 'succeed'))
  here.signals.notifyAll()
  expect(await told(feed, 2)).toStrictEqual(await readAgain(user, cursor, 2))
})

it('an end from before a feed was read for the first time is told by that reading', async () => {
  const user = await kit.user({ balance: 10 })
  const feed = await openFeed(here, user, null, ENDS)
  onTestFinished(async () => void (await feed.return?.()))
  await end(there, closingOf(await bought(user), 'succeed'))
  expect(await nextEnd(feed)).toMatchObject({ to: 'SUCCEEDED' })
}, 30_000)

it('one wake of all is enough for an end behind more than a page', async () => {
  const { user, feed } = await follower()
  await topUpMany(kit, user.userId, 256)
  await end(there, closingOf(await bought(user), 'succeed'))
  here.signals.notifyAll()
  expect(await nextEnd(feed)).toMatchObject({ to: 'SUCCEEDED' })
}, 30_000)

it('several ends of a batch are told once each, without reading the log', async () => {
  const { user, feed, cursor } = await follower()
  const ids = [await bought(user), await bought(user), await bought(user, 'free')]
  const events: FeedEvent[] = []
  const sent = await statementsOf(async () => {
    const reading = told(feed, 3)
    await Promise.all(ids.map((id) => end(here, closingOf(id, 'succeed'))))
    events.push(...(await reading))
    // What the second end has signaled is no reason for another reading.
    void feed.next()
    await end(here, closingOf(ids[0] ?? '', 'fail'))
  })
  expect(new Set(sent.map(({ name }) => name))).toEqual(new Set([CLOSE]))
  expect(events).toStrictEqual(await readAgain(user, cursor, 3))
})

it('feeds of one user are each told what they want', async () => {
  const { user, feed, cursor } = await follower()
  const failures = await openFeed(here, user, null, { ...ENDS, statuses: ['FAILED'] })
  const all = await openFeed(here, user, null)
  for (const other of [failures, all]) {
    onTestFinished(async () => void (await other.return?.()))
    await take(other, 1)
  }
  const [good, bad] = [await bought(user), await bought(user)]
  await end(here, closingOf(good, 'succeed'))
  await end(here, closingOf(bad, 'fail'))
  const events = await readAgain(user, cursor, 2)
  expect(await told(feed, 2)).toStrictEqual(events)
  expect(await told(failures, 1)).toStrictEqual(events.slice(1))
  const kinds = (await take(all, 8)).map(({ kind }) => kind)
  expect(kinds.filter((kind) => kind === 'WalletChanged')).toHaveLength(4)
})
