import { Books } from './books.js'
import { Deliveries } from './deliveries.js'
import { Follower } from './follower.js'
import { Gateway } from './gateway.js'
import { Load } from './load.js'
import { ADMIN, type Stack } from './stack.js'
import { User } from './user.js'
import { until } from './within.js'

/** Strikes of one campaign at least, as asked for in `pnpm chaos`; the sample plays each kind once. */
const ROUNDS = Number(process.env.CHAOS_ROUNDS || 1)

/** Callers; one has no more than the sign-up bonus and runs out of it. */
const USERS = 6
const CREDITS = 10_000_000

/** Calls accepted before the first strike, and after each: it hits, and leaves, a system at work. */
const BETWEEN_STRIKES = 150

/** What a strike may use. */
export interface Battle {
  readonly stack: Stack
  readonly load: Load
  readonly gateway: Gateway
  readonly books: Books
  readonly deliveries: Deliveries
}

/** Kills something, sees that this was felt, and starts it again. */
export type Strike = (battle: Battle) => Promise<void>

/** How many strikes a campaign has that plays these kinds. */
export const roundsOf = (kinds: readonly Strike[]): number => Math.max(ROUNDS, kinds.length)

/** Who takes part in a campaign, and what they saw of it. */
export interface Aftermath {
  readonly users: readonly User[]
  readonly followers: readonly Follower[]
  readonly load: Pick<Load, 'orders'>
  readonly books: Books
  readonly gateway: Gateway
  readonly deliveries: Deliveries
  readonly admin: User
}

/** Those who are still at it. */
interface Parties extends Aftermath {
  readonly load: Load
}

/** Numbers the campaigns on one stack, as e-mails are taken once. */
let campaigns = 0

/**
 * Lets users call without pause, strikes again and again while they do, in each kind in turn, and
 * waits until everything that was accepted has ended and every user has seen all of it. `pauseMs` is
 * between two calls of one lane; there are 48 lanes.
 */
export async function campaign(
  stack: Stack,
  kinds: readonly Strike[],
  { rounds = roundsOf(kinds), pauseMs = 0 } = {},
): Promise<Aftermath> {
  const parties = await gather(stack, pauseMs)
  const { load, books, followers, deliveries, gateway } = parties
  try {
    for (let round = 0; round < rounds; round++) {
      await load.acceptedMore(BETWEEN_STRIKES)
      await kinds[round % kinds.length]?.({ stack, load, gateway, books, deliveries })
    }
    await load.acceptedMore(BETWEEN_STRIKES)
    await load.stop()
    await until(
      async () => (await books.open()).length === 0,
      async () =>
        `Predictions that do not end: ${JSON.stringify((await books.open()).slice(0, 5))}`,
    )
    await caughtUp(followers, await books.feeds())
  } finally {
    load.halt()
    await Promise.all(followers.map((follower) => follower.stop()))
    await deliveries.connection.close()
  }
  return parties
}

/** Users with an open feed each, who begin to call. */
async function gather(stack: Stack, pauseMs: number): Promise<Parties> {
  const gateway = new Gateway(stack.urls)
  const admin = await User.logIn(gateway, ADMIN.email, ADMIN.password)
  const users = await registerAll(gateway, ++campaigns)
  const ids = users.map(({ id }) => id)
  const books = new Books(stack.databaseUrl, ids)
  const deliveries = await Deliveries.overhear(stack.natsUrl)
  const before = await books.feeds()
  const followers = users.map((user) => new Follower(user, before.get(user.id) ?? []))
  await Promise.all(followers.map((follower) => follower.opened()))
  return { users, followers, load: new Load(users, { pauseMs }), books, gateway, deliveries, admin }
}

function registerAll(gateway: Gateway, run: number): Promise<User[]> {
  const names = Array.from({ length: USERS }, (_, i) => `caller-${run}-${i}@chaos.test`)
  return Promise.all(names.map((email, i) => User.register(gateway, email, i === 0 ? 0 : CREDITS)))
}

/** Waits until each has seen as much as there was to see; whether it was right is asked later. */
async function caughtUp(
  followers: readonly Follower[],
  feeds: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  const behind = () =>
    followers.filter(({ user, lines }) => lines.length < (feeds.get(user.id)?.length ?? 0))
  await until(
    () => behind().length === 0,
    () => `${behind().length} users have not seen all of their events.`,
  )
}
