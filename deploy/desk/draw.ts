import type { Random } from '@presage/models/random/random'
import { v7 as uuidv7 } from 'uuid'
import { PERCENTILES } from './parameters.js'

/** One of a list, each as likely. */
export function pick<T>(list: readonly T[], random: Random): T {
  const picked = list[Math.floor(random() * list.length)]
  if (picked === undefined) throw new Error('there is nothing to pick from')
  return picked
}

/** A place in a list of shares; what is left of 1 is the first. */
export function drawIndex(shares: readonly number[], random: Random): number {
  let left = random()
  const index = shares.findIndex((share) => {
    left -= share
    return left < 0
  })
  return Math.max(0, index)
}

/** A key of shares, each as likely as its share. */
export function drawKey<Key extends string>(shares: Record<Key, number>, random: Random): Key {
  const keys = Object.keys(shares) as Key[]
  const key = keys[drawIndex(Object.values<number>(shares), random)]
  if (key === undefined) throw new Error('there are no shares')
  return key
}

/** A number between the outermost of the percentiles, on straight lines between them. */
export function drawQuantile(quantiles: readonly number[], random: Random): number {
  const [least = 0, most = 1] = [PERCENTILES[0], PERCENTILES.at(-1)]
  const at = least + random() * (most - least)
  const above = PERCENTILES.findIndex((percentile) => percentile >= at)
  const [low = 0, high = 0] = [quantiles[above - 1], quantiles[above]]
  const [from = 0, to = 1] = [PERCENTILES[above - 1], PERCENTILES[above]]
  return above <= 0 ? high : low + ((at - from) / (to - from)) * (high - low)
}

/** An id of that time, the same for the same numbers. */
export const drawId = (at: Date, random: Random): string =>
  uuidv7({
    msecs: at.getTime(),
    random: Uint8Array.from({ length: 16 }, () => Math.floor(random() * 256)),
  })
