import { expect } from 'vitest'
import { z } from 'zod'
import type { Aftermath } from './campaign.js'
import type { Order, OrderKind } from './load.js'
import { rightAnswers } from './right-answers.js'
import { type Statement, statementOf } from './statement.js'
import { rowIdOf, type User } from './user.js'

/** How a prediction may end that was ordered so: nothing fails because something was killed. */
const ENDS: Record<OrderKind, readonly string[]> = {
  plain: ['SUCCEEDED'],
  twice: ['SUCCEEDED'],
  canceled: ['SUCCEEDED', 'CANCELED'],
  urgent: ['SUCCEEDED', 'EXPIRED'],
}

/** The ledger when it is right and nothing is open. */
const BALANCED = {
  balanced: true,
  trialBalance: 0,
  walletsOff: 0,
  held: 0,
  openHolds: 0,
  openPredictions: 0,
}

/** Why a call may be refused: no credits left, or its deadline has passed. */
const REFUSALS = new Set(['INSUFFICIENT_FUNDS', 'INVALID_INPUT'])

/** What a campaign came to. */
export interface Outcome {
  /** Predictions in the tables: every call that was paid for. */
  readonly accepted: number
  readonly byStatus: Readonly<Record<string, number>>
  /** Calls that were refused, for want of credits or of time. */
  readonly refused: number
  /** Calls that had no answer and were sent again, by reason. */
  readonly repeated: Readonly<Record<string, number>>
  readonly redelivered: number
  readonly repeatedResults: number
  readonly feedsResumed: number
  /** Feeds that went on with a new token when theirs was over. */
  readonly feedsRenewed: number
}

/** Asserts all that a user, and the books, can say of a campaign. */
export async function reckon(aftermath: Aftermath): Promise<Outcome> {
  const { load, followers, deliveries, gateway } = aftermath
  await checkBooks(aftermath)
  const byStatus = await checkUsers(aftermath)
  return {
    accepted: Object.values(byStatus).reduce((a, b) => a + b, 0),
    byStatus,
    refused: load.orders.filter(({ told }) => told.every((each) => 'code' in each)).length,
    repeated: Object.fromEntries(gateway.repeats),
    redelivered: deliveries.redelivered,
    repeatedResults: deliveries.repeatedResults,
    feedsResumed: followers.reduce((sum, { resumed }) => sum + resumed, 0),
    feedsRenewed: followers.reduce((sum, { renewed }) => sum + renewed, 0),
  }
}

async function checkBooks({ books, admin, followers }: Aftermath): Promise<void> {
  expect(await books.wronglyCharged()).toEqual([])
  expect(await books.chargedLate()).toEqual([])
  expect(await books.gaps()).toEqual([])
  expect(await books.brokenChains()).toEqual([])
  expect(await ledgerHealthOf(admin)).toMatchObject(BALANCED)
  const feeds = await books.feeds()
  for (const { user, lines, fault } of followers) {
    expect(fault).toBeUndefined()
    expect(lines).toEqual(feeds.get(user.id))
  }
}

/** What each user is shown; counts their predictions by status. */
async function checkUsers(aftermath: Aftermath): Promise<Record<string, number>> {
  const orders = await matched(aftermath)
  const byStatus: Record<string, number> = {}
  for (const user of aftermath.users) {
    const statement = await statementOf(user)
    checkWallet(statement)
    await checkHistory(statement, orders.get(user.id) ?? new Map())
    for (const { status } of statement.predictions) byStatus[status] = (byStatus[status] ?? 0) + 1
  }
  return byStatus
}

const rowSchema = z.object({ id: z.string(), user_id: z.string(), key: z.string() })

/**
 * The orders behind the rows, by user and row. A key has one row; all who asked were told it, and
 * nobody was refused for whom there is one.
 */
async function matched({ books, load }: Aftermath): Promise<Map<string, Map<string, Order>>> {
  const rows = z.array(rowSchema).parse(await books.predictions())
  const idByKey = new Map(rows.map(({ user_id, key, id }) => [`${user_id} ${key}`, id]))
  expect(idByKey.size).toBe(rows.length)
  const byUser = new Map<string, Map<string, Order>>()
  for (const order of load.orders) {
    const id = idByKey.get(`${order.user.id} predict:${order.key}`)
    const told = order.told.map((each) => ('id' in each ? rowIdOf(each.id) : each.code))
    if (id === undefined) {
      expect(told.every((each) => REFUSALS.has(each))).toBe(true)
      continue
    }
    // Of a call sent twice at once, one may come before the credits for it are there.
    const contradictions = told.filter((each) => each !== id && each !== 'INSUFFICIENT_FUNDS')
    expect(contradictions, `${order.kind} ${order.key}`).toEqual([])
    const own = byUser.get(order.user.id) ?? new Map<string, Order>()
    byUser.set(order.user.id, own.set(id, order))
  }
  return byUser
}

const ledgerHealthOf = async (admin: User) => {
  const answer = await admin.ask(
    `{ ledgerHealth {
      balanced trialBalance walletsOff held openHolds reserved captured released openPredictions
    } }`,
    z.object({ ledgerHealth: z.record(z.string(), z.unknown()) }),
  )
  return answer.ledgerHealth
}

/** What the wallet shows is what its transactions sum to, and each prediction is in them once. */
function checkWallet({ wallet, transactions, predictions }: Statement): void {
  const sum = transactions.reduce((total, { amount }) => total + amount, 0)
  expect(wallet).toEqual({ available: sum, held: 0 })
  expect(transactions[0]?.availableAfter ?? 0).toBe(sum)
  expect(transactions.filter(({ status }) => status === 'PENDING')).toEqual([])
  const booked = transactions.flatMap(({ kind, prediction }) =>
    prediction ? [`${prediction.id} ${kind}`] : [],
  )
  const due = predictions.flatMap(({ id, status }) => [
    `${id} HOLD`,
    `${id} ${status === 'SUCCEEDED' ? 'CAPTURE' : 'RELEASE'}`,
  ])
  expect(booked.sort()).toEqual(due.sort())
}

/** Each prediction stands in the history once, ended as it may, charged as it ended, with its own answer. */
async function checkHistory(
  { predictions }: Statement,
  orders: ReadonlyMap<string, Order>,
): Promise<void> {
  expect(predictions.map(({ id }) => id).sort()).toEqual([...orders.keys()].sort())
  for (const { id, status, charge } of predictions) {
    const order = orders.get(id)
    expect(ENDS[order?.kind ?? 'plain']).toContain(status)
    const price = order?.blood.variant === 'NETWORK' ? 3 : 1
    const isCaptured = status === 'SUCCEEDED'
    const [captured, released] = isCaptured ? [price, 0] : [0, price]
    expect(charge).toEqual({ price, held: 0, captured, released })
  }
  const answered = predictions.flatMap(({ id, status, output }) => {
    const order = orders.get(id)
    return status === 'SUCCEEDED' && order ? [{ order, output }] : []
  })
  const right = await rightAnswers(answered.map(({ order }) => order.blood))
  answered.forEach(({ order, output }, i) => {
    // A network in a batch differs from the network alone in the last bits of float32.
    const digits = order.blood.variant === 'NETWORK' ? 3 : 6
    expect(output?.value, order.key).toBeCloseTo(right[i] ?? Number.NaN, digits)
  })
}
