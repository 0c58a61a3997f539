import type { Domain } from '../domain.js'
import type { Watch } from '../events/signals.js'
import { hasEnded, type Prediction } from './prediction.js'

/**
 * Waits until the prediction has ended, at most `waitMs`, and answers with how it stands then.
 * Sooner when this server leaves. `watch` must have been opened before the prediction was queued, so that no change is missed.
 */
export async function awaitEnd(
  domain: Domain,
  queued: Prediction,
  watch: Watch,
  waitMs: number,
): Promise<Prediction> {
  domain.waits.add(watch)
  const timer = setTimeout(() => watch.close(), waitMs)
  let latest = queued
  try {
    while (!hasEnded(latest) && (await watch.next()))
      latest = (await domain.reads.predictions.submit(queued.id)) ?? latest
    return latest
  } finally {
    clearTimeout(timer)
    domain.waits.delete(watch)
    watch.close()
  }
}
