import {
  DiagLogLevel,
  diag,
  ROOT_CONTEXT,
  type Span as SdkSpan,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'
import type { Span, Step, Tracing } from './tracing.js'
import type { TracingSettings } from './tracing-settings.js'

/** So much is lost with a process that is killed. */
const SEND_EVERY_MS = 1000
/** A bulk of 1,000 is 2,000 spans of its server at once; a span has about 1 KB. */
const MAX_WAITING = 16_384
const REPORT_EVERY_MS = 60_000

const KINDS = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
}

/** Traces by OpenTelemetry's SDK, sent as JSON by OTLP/HTTP. The one file that loads any of it. */
export class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider
  readonly #tracer: Tracer

  constructor(
    { url, headers, resource, sampler, ratio }: TracingSettings,
    report: (fault: string) => void,
  ) {
    reportFaults(report)
    const exporter = new OTLPTraceExporter({ url, headers })
    const pace = { scheduledDelayMillis: SEND_EVERY_MS, maxQueueSize: MAX_WAITING }
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes(resource),
      sampler: samplerOf(sampler, ratio),
      spanProcessors: [new BatchSpanProcessor({ exporter, ...pace })],
    })
    this.#tracer = this.#provider.getTracer('presage')
  }

  begin({ name, kind, parent, startMs = performance.now(), attributes }: Step): Span {
    const isEntry = kind === 'server' || kind === 'consumer'
    const context = parent === undefined ? ROOT_CONTEXT : contextOf(parent, isEntry)
    const options = { kind: KINDS[kind], startTime: startMs, attributes: { ...attributes } }
    const span = this.#tracer.startSpan(name, options, context)
    return {
      traceparent: traceparentOf(span),
      end(attributes, failure) {
        if (attributes) span.setAttributes({ ...attributes })
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
        // Without a time of its own a span that was given its start ends at a whole millisecond.
        span.end(performance.now())
      },
    }
  }

  close(): Promise<void> {
    return this.#provider.shutdown().catch(() => {})
  }
}

function samplerOf(name: TracingSettings['sampler'], ratio: number): Sampler {
  const root = rootSampler(name.replace('parentbased_', ''), ratio)
  return name.startsWith('parentbased_') ? new ParentBasedSampler({ root }) : root
}

function rootSampler(name: string, ratio: number): Sampler {
  if (name === 'always_on') return new AlwaysOnSampler()
  return name === 'always_off' ? new AlwaysOffSampler() : new TraceIdRatioBasedSampler(ratio)
}

/** `00-<trace id>-<span id>-<flags>`, as messages check it; one that names no span begins a trace. */
function contextOf(traceparent: string, isRemote: boolean) {
  const [, traceId = '', spanId = '', flags = '0'] = traceparent.split('-')
  const traceFlags = Number.parseInt(flags, 16)
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote })
}

function traceparentOf(span: SdkSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

/** The SDK tells of spans that it cannot send, or drops, to one logger for the whole process. */
function reportFaults(report: (fault: string) => void): void {
  let reportedAtMs = Number.NEGATIVE_INFINITY
  const tell = (fault: string) => {
    if (performance.now() - reportedAtMs < REPORT_EVERY_MS) return
    reportedAtMs = performance.now()
    report(fault)
  }
  const silent = () => {}
  diag.setLogger(
    { error: tell, warn: tell, info: silent, debug: silent, verbose: silent },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  )
}
