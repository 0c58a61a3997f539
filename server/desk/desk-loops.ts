import type { Desk } from '@presage/domain/desk/desk'
import { sweepDesk } from '@presage/domain/desk/sweep-desk'
import type { Logger } from 'pino'
import { Repeating } from '../jobs/repeating.js'

/** The longest that a lost signal, or a server that was killed, delays a score's recording. */
const RECORD_EVERY_MS = 1000
/** What another server has left, or the limits have put off, waits no longer than this. */
const HOLD_EVERY_MS = 1000
const SWEEP_EVERY_MS = 60_000

/** Begins what the credit desk does by itself on each server; ends with what has ended by then recorded. */
export function startDeskLoops(desk: Desk, log: Logger): () => Promise<void> {
  const { recorder, runner } = desk
  const loops = [
    new Repeating('recording scores', RECORD_EVERY_MS, log, () => recorder.record()),
    new Repeating('holding runs', HOLD_EVERY_MS, log, () => runner.hold()),
    new Repeating('sweeping the desk', SWEEP_EVERY_MS, log, () => sweepDesk(desk)),
  ]
  for (const loop of loops) loop.start()
  return async () => {
    await Promise.all(loops.map((loop) => loop.stop()))
    await runner.idle()
    await recorder.idle()
    await recorder.record()
  }
}
