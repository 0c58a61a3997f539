import { Counter, Gauge, type Registry } from 'prom-client'
import type { Jobs } from '../jobs/jobs.js'

/** What the server knows of jobs: what it published, how they queue, and who computes them. */
export function jobMetrics(registry: Registry, jobs: Jobs): void {
  const registers = [registry]
  const perModel = { labelNames: ['model' as const, 'version' as const], registers }
  new Counter({
    name: 'presage_jobs_published_total',
    help: 'Jobs that the stream has taken from this server',
    registers,
    collect() {
      this.reset()
      this.inc(jobs.relayed.published)
    },
  })
  new Gauge({
    name: 'presage_relay_pending',
    help: 'Jobs of this server that are not in the stream yet',
    registers,
    collect() {
      this.set(jobs.relayed.pending)
    },
  })
  const taken = new Gauge({ ...perModel, name: 'presage_queue_taken', help: 'Jobs in hand' })
  const oldest = new Gauge({
    ...perModel,
    name: 'presage_queue_oldest_seconds',
    help: 'Age of the oldest job that has not ended; 0 = there is none',
  })
  new Gauge({
    ...perModel,
    name: 'presage_queue_waiting',
    help: 'Jobs that no worker has taken, at most about a second old',
    collect() {
      for (const gauge of [this, taken, oldest]) gauge.reset()
      for (const { model, version, ...state } of jobs.queues) {
        this.set({ model, version }, state.waiting)
        taken.set({ model, version }, state.taken)
        const since = state.oldestAt?.getTime() ?? Date.now()
        oldest.set({ model, version }, Math.max(0, Date.now() - since) / 1000)
      }
    },
  })
  new Gauge({
    name: 'presage_workers',
    help: 'Workers that were heard lately',
    registers,
    collect() {
      this.set(jobs.workers.alive())
    },
  })
}
