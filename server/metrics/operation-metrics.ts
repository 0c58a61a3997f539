import { Gauge, Histogram, type Registry } from 'prom-client'
import type { EngineObserver } from '../execution/engine-observer.js'

/** Counts GraphQL operations by kind and root field, of which the schema has a few dozen. */
export function operationMetrics(registry: Registry): EngineObserver {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'presage_graphql_operation_seconds',
    help: 'Time to answer a query or mutation, or to open a subscription',
    labelNames: ['kind', 'field', 'outcome'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30],
    registers,
  })
  const open = new Gauge({
    name: 'presage_graphql_subscriptions',
    help: 'Subscriptions that are open',
    labelNames: ['field'],
    registers,
  })
  const lag = new Histogram({
    name: 'presage_event_lag_seconds',
    help: 'From the commit of a change until its event was made ready to send, live ones only',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  })
  return {
    answered: ({ kind, field }, ms, hasErrors) =>
      seconds.observe({ kind, field, outcome: hasErrors ? 'error' : 'ok' }, ms / 1000),
    subscribed: ({ field }) => {
      open.inc({ field })
      return () => open.dec({ field })
    },
    sent: (_label, event, openedAtMs) => {
      const atMs = committedAtMs(event)
      // What was missed while nobody listened is no lag of ours.
      if (atMs !== null && atMs >= openedAtMs) lag.observe(Math.max(0, Date.now() - atMs) / 1000)
    },
  }
}

/** When an event of the log was committed; null for what has no such time. */
function committedAtMs(event: unknown): number | null {
  if (typeof event !== 'object' || event === null || !('occurredAt' in event)) return null
  if ('kind' in event && event.kind === 'FeedOpened') return null
  return event.occurredAt instanceof Date ? event.occurredAt.getTime() : null
}
