import type { DomainObserver } from '@presage/domain/domain-observer'
import { Counter, Histogram, type Registry } from 'prom-client'

/** Counts predictions as they are paid for and end, and measures the lanes. */
export function domainMetrics(registry: Registry): DomainObserver {
  const registers = [registry]
  const held = new Counter({
    name: 'presage_predictions_held_total',
    help: 'Predictions paid for and queued by this server',
    labelNames: ['model', 'variant'],
    registers,
  })
  const ended = new Counter({
    name: 'presage_predictions_ended_total',
    help: 'Predictions ended by this server',
    labelNames: ['status'],
    registers,
  })
  const lanes = laneMetrics(registry)
  return {
    lane: (lane) => (batch) => {
      lanes.size.observe({ lane }, batch.size)
      lanes.wait.observe({ lane }, batch.waitedMs / 1000)
      lanes.flush.observe({ lane }, batch.tookMs / 1000)
    },
    held: ({ calls }) => {
      for (const { model, variant } of calls) held.inc({ model, variant })
    },
    ended: ({ to }) => ended.inc({ status: to }),
  }
}

function laneMetrics(registry: Registry) {
  const common = { labelNames: ['lane' as const], registers: [registry] }
  const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]
  return {
    size: new Histogram({
      ...common,
      name: 'presage_lane_batch_size',
      help: 'Calls that met in one batch of a lane',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
    }),
    wait: new Histogram({
      ...common,
      name: 'presage_lane_wait_seconds',
      help: 'How long the oldest call of a batch waited for the one before',
      buckets,
    }),
    flush: new Histogram({
      ...common,
      name: 'presage_lane_flush_seconds',
      help: 'How long the database took for a batch',
      buckets,
    }),
  }
}
