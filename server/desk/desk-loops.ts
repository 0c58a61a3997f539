import type { Desk } from '@presage/domain/desk/desk'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import type { Logger } from 'pino'
import { Repeating } from '../jobs/repeating.js'

/** The longest that a lost signal, or a server that was killed, delays a score's recording. */
const RECORD_EVERY_MS = 1000
const SWEEP_EVERY_MS = 60_000

/** Begins what the credit desk does by itself on each server; ends with what has ended by then recorded. */
export function startDeskLoops(desk: Desk, log: Logger): () => Promise<void> {
  const { recorder } = desk
  const loops = [
    new Repeating('recording scores', RECORD_EVERY_MS, log, () => recorder.record()),
    new Repeating('sweeping the desk', SWEEP_EVERY_MS, log, () => sweepDesk(desk)),
  ]
  for (const loop of loops) loop.start()
  return async () => {
    await Promise.all(loops.map((loop) => loop.stop()))
    await recorder.idle()
    await recorder.record()
  }
}
