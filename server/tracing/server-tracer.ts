import type { DomainObserver, HeldBatch } from '@presage/domain/domain-observer'
import type { HoldItem } from '@presage/domain/predictions/hold-predictions'
import { JOBS_STREAM, type OutgoingJob } from '@presage/messages/job'
import type { Origin } from '@presage/messages/origin'
import { BATCH_SIZE, CORRELATION_ID, PREDICTION_ID, type Tracing } from '@presage/telemetry/tracing'
import type { OperationLabel } from '../execution/operation-label.js'
import type { OperationSpan, OperationTracer } from '../execution/operation-tracer.js'
import type { JobTracer, JudgedResult, PublishSpan } from '../jobs/job-tracer.js'

/**
 * The steps of a prediction's trace that a server takes: the operation, below it the hold and the
 * publish, and at the end, below the worker's, the settlement.
 *
 * A transaction holds or settles the predictions of many traces. Each trace gets a step of its own
 * with the size of the batch, rather than one step for all with links to it: that would belong to no
 * trace, and be kept or not whatever was decided about theirs.
 */
export class ServerTracer implements OperationTracer, JobTracer {
  readonly domain: DomainObserver = {
    lane: () => () => {},
    held: (batch) => this.#held(batch),
    ended: () => {},
  }
  readonly #tracing: Tracing

  constructor(tracing: Tracing) {
    this.#tracing = tracing
  }

  begin({ kind, field }: OperationLabel, origin: Origin): OperationSpan {
    const span = this.#tracing.begin({
      ...{ name: `${kind} ${field}`, kind: 'server', parent: origin.traceparent },
      attributes: { 'graphql.operation.type': kind, [CORRELATION_ID]: origin.correlationId },
    })
    return {
      origin: { ...origin, traceparent: span.traceparent },
      end: (hasErrors) => span.end(undefined, hasErrors ? 'answered with errors' : undefined),
    }
  }

  publishing(job: OutgoingJob): PublishSpan {
    // Found again by the due loop: which request it was is known to nobody any more.
    const { origin = { correlationId: job.id } } = job
    const span = this.#tracing.begin({
      ...{ name: 'publish', kind: 'producer', parent: origin.traceparent },
      attributes: {
        ...{ 'messaging.system': 'nats', 'messaging.destination.name': JOBS_STREAM },
        ...{ [CORRELATION_ID]: origin.correlationId, [PREDICTION_ID]: job.id },
        'presage.found_again': job.origin ? undefined : true,
      },
    })
    return {
      origin: { ...origin, traceparent: span.traceparent },
      end(outcome) {
        // A job that is looked for again and was there all the time is no trace of its own.
        if (outcome === 'there' && !job.origin) return
        const isGood = outcome === 'stored' || outcome === 'there'
        span.end({ 'presage.ack': outcome }, isGood ? undefined : outcome)
      },
    }
  }

  judged({ id, worker, origin, startMs, size, outcome, verdict }: JudgedResult): void {
    const attributes = {
      ...{ [CORRELATION_ID]: origin?.correlationId, [PREDICTION_ID]: id, [BATCH_SIZE]: size },
      ...{ 'presage.worker': worker, 'presage.outcome': outcome, 'presage.verdict': verdict },
    }
    const parent = origin?.traceparent
    const isGood = verdict === 'settled' || verdict === 'closed'
    this.#tracing
      .begin({ name: 'settle', kind: 'consumer', parent, startMs, attributes })
      .end(undefined, isGood ? undefined : verdict)
  }

  /** One step for each request of the batch: a bulk holds many predictions. */
  #held({ calls, size, startMs }: HeldBatch): void {
    for (const [origin, own] of byOrigin(calls)) {
      const attributes = {
        ...{ [CORRELATION_ID]: origin.correlationId, [BATCH_SIZE]: size },
        ...{
          'presage.held': own.length,
          [PREDICTION_ID]: own.length === 1 ? own[0]?.id : undefined,
        },
      }
      const parent = origin.traceparent
      this.#tracing.begin({ name: 'hold', kind: 'internal', parent, startMs, attributes }).end()
    }
  }
}

function byOrigin(calls: readonly HoldItem[]): Map<Origin, HoldItem[]> {
  const groups = new Map<Origin, HoldItem[]>()
  for (const call of calls) {
    if (!call.origin) continue
    const group = groups.get(call.origin)
    if (group) group.push(call)
    else groups.set(call.origin, [call])
  }
  return groups
}
