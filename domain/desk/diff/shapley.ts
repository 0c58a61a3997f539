import { seededRandom, shuffle } from '@presage/models/random/random'

/** What coalitions of players are worth; player n is in those whose bit n is set. */
export type Worths = (coalitions: readonly number[]) => Promise<readonly number[]>

/** The coalitions of so many are all asked for: 16. */
const EXACT_UP_TO = 4
/** Pairs of orders beyond that, 8 coalitions a player at most. */
const PAIRS = 4
const SEED = 20_261_128

/**
 * What each player adds, averaged over the orders in which they may come: Shapley's value (1953). Of up
 * to four players it is over all orders; of more, over four seeded random orders and their reverses
 * (Castro, Gómez & Tejada 2009; Mitchell et al. 2022 for the reverses). Along each order the parts sum
 * to the worth of all less that of none, so they do on average, but for rounding.
 *
 * @param players up to 30.
 */
export async function shapley(players: number, worths: Worths): Promise<number[]> {
  const orders = players <= EXACT_UP_TO ? allOrders(players) : sampledOrders(players)
  const paths = orders.map(pathOf)
  const coalitions = [...new Set(paths.flat())]
  const values = await worths(coalitions)
  const worth = new Map(coalitions.map((coalition, i) => [coalition, values[i] ?? Number.NaN]))
  const at = (coalition: number | undefined) => worth.get(coalition ?? 0) ?? Number.NaN
  const parts = Array.from({ length: players }, () => 0)
  for (const [o, order] of orders.entries())
    for (const [step, player] of order.entries())
      parts[player] = (parts[player] ?? 0) + at(paths[o]?.[step + 1]) - at(paths[o]?.[step])
  return parts.map((sum) => sum / orders.length)
}

/** The coalitions along an order, from nobody to all. */
function pathOf(order: readonly number[]): number[] {
  let coalition = 0
  return [0, ...order.map((player) => (coalition |= 1 << player))]
}

const upTo = (players: number) => Array.from({ length: players }, (_, n) => n)

function allOrders(players: number): number[][] {
  const extend = (begun: number[]): number[][] => {
    const left = upTo(players).filter((n) => !begun.includes(n))
    return left.length === 0 ? [begun] : left.flatMap((n) => extend([...begun, n]))
  }
  return extend([])
}

function sampledOrders(players: number): number[][] {
  const random = seededRandom(SEED)
  return upTo(PAIRS).flatMap(() => {
    const order = [...shuffle(Uint32Array.from(upTo(players)), random)]
    return [order, order.toReversed()]
  })
}
