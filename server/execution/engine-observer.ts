import type { Origin } from '@presage/messages/origin'
import type { Logger } from 'pino'
import type { OperationLabel } from './operation-label.js'

/** Hears what the engine does. Without one the engine reads no clock. */
export interface EngineObserver {
  /** A query or mutation was answered, or a subscription was opened or refused. */
  answered(label: OperationLabel, ms: number, hasErrors: boolean, origin: Origin): void
  /** A subscription is open; what is returned is called once when it ends. */
  subscribed(label: OperationLabel): () => void
  /** One event of a subscription open since `openedAtMs` was made ready to be sent. */
  sent(label: OperationLabel, event: unknown, openedAtMs: number): void
}

/** Tells several observers at once; null when there is none to tell. */
export function observers(list: readonly (EngineObserver | null)[]): EngineObserver | null {
  const all = list.filter((each) => each !== null)
  if (all.length < 2) return all[0] ?? null
  return {
    answered: (...report) => {
      for (const each of all) each.answered(...report)
    },
    subscribed: (label) => {
      const ends = all.map((each) => each.subscribed(label))
      return () => {
        for (const end of ends) end()
      }
    },
    sent: (...report) => {
      for (const each of all) each.sent(...report)
    },
  }
}

/** Writes a line for each operation, where the log is so talkative. */
export function loggedOperations(log: Logger): EngineObserver | null {
  if (!log.isLevelEnabled('debug')) return null
  return {
    answered: ({ kind, field }, ms, hasErrors, { correlationId }) =>
      log.debug({ correlationId, kind, field, ms, hasErrors }, 'an operation was answered'),
    subscribed: () => () => {},
    sent: () => {},
  }
}
