import { setTimeout as sleep } from 'node:timers/promises'

/** Generous: what takes longer on a busy machine has not happened at all. */
export const BOUND_MS = 60_000

const POLL_MS = 50

/** Something that should have happened did not. */
export class NeverHappenedError extends Error {
  override readonly name = 'NeverHappenedError'
}

/**
 * Waits until `isSo`, looking again and again.
 *
 * @param what says what is waited for; asked when it did not come, so it may tell how things stand.
 * @throws NeverHappenedError after {@link BOUND_MS}.
 */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: () => string | Promise<string>,
): Promise<void> {
  const deadline = Date.now() + BOUND_MS
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new NeverHappenedError(await what())
    await sleep(POLL_MS)
  }
}
