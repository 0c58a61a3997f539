import { hostname } from 'node:os'
import { z } from 'zod'

const SAMPLERS = [
  ...(['always_on', 'always_off', 'traceidratio'] as const),
  ...(['parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const),
] as const

const isHttp = (url: string): boolean =>
  URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)

const address = z.string().refine(isHttp, 'is not an http:// or https:// address')

const PAIR = /^\s*([^\s=,]+)\s*=\s*(.*?)\s*$/

/** As the specification has them: `key=value,key=value`, percent-encoded. */
const pairs = z
  .string()
  .transform((text) => text.split(',').map((pair) => PAIR.exec(pair)))
  .refine((all) => all.every((pair) => pair !== null), 'is not a list of key=value')
  .transform((all) =>
    Object.fromEntries(all.flatMap((pair) => (pair ? [[pair[1], decoded(pair[2] ?? '')]] : []))),
  )

/** The standard variables of OpenTelemetry that count here. */
export const tracingShape = {
  OTEL_EXPORTER_OTLP_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: address.optional(),
  OTEL_EXPORTER_OTLP_HEADERS: pairs.optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_RESOURCE_ATTRIBUTES: pairs.optional(),
  OTEL_TRACES_SAMPLER: z
    .enum(SAMPLERS, 'is no sampler of the specification')
    .default('parentbased_always_on'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number('must be a number').min(0).max(1).default(1),
}

/** What each is to be set to. */
export const TRACING_REMEDIES: Record<keyof typeof tracingShape, string> = {
  OTEL_EXPORTER_OTLP_ENDPOINT:
    'set it to the collector that traces go to by OTLP/HTTP, e.g. http://otel-collector:4318 (none: no traces)',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT:
    'set it to the whole address, where it is not that with /v1/traces behind it',
  OTEL_EXPORTER_OTLP_HEADERS: 'set it to what the collector wants to see, key=value,key=value',
  OTEL_SERVICE_NAME: 'set it to the name in traces (presage-server or presage-worker)',
  OTEL_RESOURCE_ATTRIBUTES:
    'set it to what traces say of this process besides, e.g. deployment.environment.name=production',
  OTEL_TRACES_SAMPLER: `choose ${SAMPLERS.slice(0, -1).join(', ')} or ${SAMPLERS.at(-1)} (parentbased_always_on)`,
  OTEL_TRACES_SAMPLER_ARG: 'set it to the share of traces that a traceidratio keeps, 0 to 1 (1)',
}

/** Where traces go, what they say of the process, and which are kept. */
export interface TracingSettings {
  url: string
  headers: Record<string, string>
  resource: Record<string, string>
  sampler: (typeof SAMPLERS)[number]
  /** Of the samplers by ratio, 0 to 1. */
  ratio: number
}

/** What the variables say of traces; null = none are kept. */
export function tracingOf(
  it: z.infer<z.ZodObject<typeof tracingShape>>,
  { service, instance = `${hostname()}-${process.pid}` }: { service: string; instance?: string },
): TracingSettings | null {
  const base = it.OTEL_EXPORTER_OTLP_ENDPOINT
  const url = it.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && tracesAt(base))
  if (!url) return null
  return {
    url,
    headers: it.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    resource: {
      'service.name': service,
      'service.instance.id': instance,
      ...it.OTEL_RESOURCE_ATTRIBUTES,
      ...(it.OTEL_SERVICE_NAME && { 'service.name': it.OTEL_SERVICE_NAME }),
    },
    sampler: it.OTEL_TRACES_SAMPLER,
    ratio: it.OTEL_TRACES_SAMPLER_ARG,
  }
}

const tracesAt = (base: string): string => `${base.replace(/\/$/, '')}/v1/traces`

/** What nobody encoded stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
