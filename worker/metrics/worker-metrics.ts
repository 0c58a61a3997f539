import { openRegistry } from '@presage/telemetry/registry'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { storedAtMs } from '../consume/delivery.js'
import type { WorkerObserver } from '../consume/worker-observer.js'

const labelNames = ['model', 'version'] as const
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300]

/** What a worker counts, where somebody wants to know; the models are the installed ones. */
export class WorkerMetrics {
  readonly registry: Registry = openRegistry()
  readonly observer: WorkerObserver = observerOf(this.registry)

  /** Adds what is read at each scrape. */
  read(inFlight: () => number): void {
    new Gauge({
      name: 'presage_worker_jobs_in_flight',
      help: 'Jobs taken and not ended',
      registers: [this.registry],
      collect() {
        this.set(inFlight())
      },
    })
  }
}

function observerOf(registry: Registry): WorkerObserver {
  const metrics = { ...jobMetrics(registry), ...batchMetrics(registry) }
  const registers = [registry]
  const judged = new Counter({
    name: 'presage_worker_results_total',
    help: 'Results by the servers’ verdict',
    labelNames: ['verdict'],
    registers,
  })
  const poisoned = new Counter({
    name: 'presage_worker_poison_total',
    help: 'Jobs failed unread, as they had been delivered too often',
    registers,
  })
  const crashed = new Counter({
    name: 'presage_worker_crashes_total',
    help: 'Ends of the inference thread in the midst of a batch',
    registers,
  })
  return {
    taken: ({ queue: { model, version }, reply, attempt }) => {
      const labels = { model, version }
      metrics.attempts.observe(labels, attempt)
      if (attempt > 1) metrics.redeliveries.inc(labels)
      // Of a first delivery; a later one waited for its worker's end, too.
      else metrics.queued.observe(labels, Math.max(0, Date.now() - storedAtMs(reply)) / 1000)
    },
    computed: ({ model, version }, rows, ms) => {
      metrics.batch.observe({ model, version }, rows)
      metrics.compute.observe({ model, version }, ms / 1000)
    },
    judged: (verdict) => judged.inc({ verdict }),
    poisoned: () => poisoned.inc(),
    crashed: () => crashed.inc(),
  }
}

function jobMetrics(registry: Registry) {
  const registers = [registry]
  return {
    attempts: new Histogram({
      ...{ labelNames, registers, buckets: [1, 2, 3, 4, 5, 10, 100] },
      name: 'presage_worker_job_attempts',
      help: 'Which delivery of its job a taken one is',
    }),
    redeliveries: new Counter({
      ...{ labelNames, registers },
      name: 'presage_worker_redeliveries_total',
      help: 'Jobs taken that had been delivered before',
    }),
    queued: new Histogram({
      ...{ labelNames, registers, buckets: SECONDS },
      name: 'presage_worker_queue_seconds',
      help: 'From the stream’s taking a job to its first delivery, by two machines’ clocks',
    }),
  }
}

function batchMetrics(registry: Registry) {
  const registers = [registry]
  return {
    batch: new Histogram({
      ...{ labelNames, registers, buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256] },
      name: 'presage_worker_batch_size',
      help: 'Rows of one variant computed together',
    }),
    compute: new Histogram({
      ...{ labelNames, registers, buckets: SECONDS },
      name: 'presage_worker_compute_seconds',
      help: 'How long such a batch took',
    }),
  }
}
