import { JOBS_STREAM } from '@presage/messages/job'
import type { Origin } from '@presage/messages/origin'
import { BATCH_SIZE, CORRELATION_ID, PREDICTION_ID, type Tracing } from '@presage/telemetry/tracing'
import type { WorkTracer } from '../consume/work-tracer.js'

/** The worker's step of a prediction's trace: from the delivery of its job to its result. */
export const workerTracer = (tracing: Tracing): WorkTracer => ({
  worked(job, { rows, ms }, failure): Origin {
    const { id, attempt, queue, since: startMs } = job
    const { origin = { correlationId: id } } = job
    const parent = origin.traceparent
    const attributes = {
      ...{ 'messaging.system': 'nats', 'messaging.destination.name': JOBS_STREAM },
      ...{ [CORRELATION_ID]: origin.correlationId, [PREDICTION_ID]: id },
      ...{ 'presage.model': queue.model, 'presage.version': queue.version },
      ...{ 'presage.attempt': attempt, [BATCH_SIZE]: rows, 'presage.compute_ms': ms },
    }
    const span = tracing.begin({ name: 'work', kind: 'consumer', parent, startMs, attributes })
    span.end(undefined, failure)
    return { ...origin, traceparent: span.traceparent }
  },
})
