import type { TracingSettings } from './tracing-settings.js'

/** Attributes that spans of servers and workers have in common. */
export const CORRELATION_ID = 'presage.correlation_id'
export const PREDICTION_ID = 'presage.prediction_id'
export const BATCH_SIZE = 'presage.batch_size'

/** What a span says of itself; what is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

/** One step of a trace as it begins. */
export interface Step {
  /** One of a few: what varies is an attribute. */
  name: string
  kind: 'server' | 'producer' | 'consumer' | 'internal'
  /** The traceparent of the step that it follows from; without one it begins a trace. */
  parent: string | undefined
  /** When it began, in ms by `performance.now()`; now when left out. */
  startMs?: number
  attributes: Attributes
}

/** A step under way. One that never ends is never told. */
export interface Span {
  /** Its W3C trace context, for what follows from it; says also whether the trace is kept. */
  readonly traceparent: string
  /** Ends it now, as failed when it is told why. */
  end(attributes?: Attributes, failure?: string): void
}

/** Where a process tells the steps of its traces. Nothing here fails or waits. */
export interface Tracing {
  begin(step: Step): Span
  /** Sends what has ended; what does not arrive in time is lost. */
  close(): Promise<void>
}

/**
 * Begins to keep traces where that is wished for; null = it is not, and then nothing of
 * OpenTelemetry is loaded.
 *
 * @param report hears of what does not reach the collector, once a minute at most.
 */
export async function openTracing(
  settings: TracingSettings | null,
  report: (fault: string) => void,
): Promise<Tracing | null> {
  if (!settings) return null
  const { OtlpTracing } = await import('./otlp-tracing.js')
  return new OtlpTracing(settings, report)
}
