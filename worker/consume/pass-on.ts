import type { Hand } from './hand.js'
import type { ModelQueue } from './model-queue.js'

/** Somebody else gets what this worker leaves after this. */
export const LEAVING_DELAY_MS = 100

/** Gives back what waits for the inference thread. */
export function passOn(hand: Hand, queues: readonly ModelQueue[]): void {
  const waiting = queues.flatMap((queue) => queue.clear())
  for (const { id } of waiting) hand.giveBack(id, LEAVING_DELAY_MS)
}
