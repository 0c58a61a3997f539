import type { DomainObserver } from '@presage/domain/domain-observer'
import type { Operations } from '@presage/domain/operations/operations'
import { openRegistry } from '@presage/telemetry/registry'
import { Gauge, type Registry } from 'prom-client'
import type { EngineObserver } from '../execution/engine-observer.js'
import type { Jobs } from '../jobs/jobs.js'
import { domainMetrics } from './domain-metrics.js'
import { type HttpReport, httpMetrics } from './http-metrics.js'
import { jobMetrics } from './job-metrics.js'
import { ledgerMetrics } from './ledger-metrics.js'
import { operationMetrics } from './operation-metrics.js'

/** What a server counts, where somebody wants to know. */
export class ServerMetrics {
  readonly registry: Registry = openRegistry()
  readonly engine: EngineObserver = operationMetrics(this.registry)
  readonly domain: DomainObserver = domainMetrics(this.registry)
  readonly http: (report: HttpReport) => void = httpMetrics(this.registry)

  /** Adds what is read at each scrape. */
  read(jobs: Jobs, operations: Operations, sockets: () => number): void {
    jobMetrics(this.registry, jobs)
    ledgerMetrics(this.registry, operations)
    new Gauge({
      name: 'presage_sockets',
      help: 'WebSockets that are open',
      registers: [this.registry],
      collect() {
        this.set(sockets())
      },
    })
  }
}
