import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { tracingOf, tracingShape } from './tracing-settings.js'

const schema = z.object(tracingShape)
const read = (env: Record<string, string>) =>
  tracingOf(schema.parse(env), { service: 'presage-server', instance: 'one' })

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }

describe('the settings of traces', () => {
  it('keep none without a collector, whatever else is set', () => {
    expect(read({})).toBeNull()
    expect(read({ OTEL_SERVICE_NAME: 'mine', OTEL_TRACES_SAMPLER: 'always_on' })).toBeNull()
  })

  it('send them to the collector’s own path, and keep all of them, unless told otherwise', () => {
    expect(read(ENDPOINT)).toEqual({
      ...{ url: 'http://collector:4318/v1/traces', headers: {} },
      ...{ sampler: 'parentbased_always_on', ratio: 1 },
      resource: { 'service.name': 'presage-server', 'service.instance.id': 'one' },
    })
    expect(read({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a.example/otlp/' })?.url).toBe(
      'https://a.example/otlp/v1/traces',
    )
    const whole = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://b.example/traces' }
    expect(read({ ...ENDPOINT, ...whole })?.url).toBe('http://b.example/traces')
  })

  it('take lists as the specification writes them', () => {
    const settings = read({
      ...ENDPOINT,
      OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YWJj=, x-tenant = 100%',
      OTEL_RESOURCE_ATTRIBUTES: 'service.name=other,deployment.environment.name=production',
    })
    expect(settings?.headers).toEqual({ authorization: 'Basic YWJj=', 'x-tenant': '100%' })
    expect(settings?.resource).toEqual({
      ...{ 'service.name': 'other', 'service.instance.id': 'one' },
      'deployment.environment.name': 'production',
    })
  })

  it('prefer the service’s name to an attribute', () => {
    const env = { OTEL_SERVICE_NAME: 'mine', OTEL_RESOURCE_ATTRIBUTES: 'service.name=other' }
    expect(read({ ...ENDPOINT, ...env })?.resource['service.name']).toBe('mine')
  })

  it.each([
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' },
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'grpc://collector:4317' },
    { OTEL_EXPORTER_OTLP_HEADERS: 'authorization' },
    { OTEL_TRACES_SAMPLER: 'sometimes' },
    { OTEL_TRACES_SAMPLER_ARG: '1.5' },
    { OTEL_TRACES_SAMPLER_ARG: 'half' },
  ])('refuse %o', (env) => {
    expect(schema.safeParse(env).success).toBe(false)
  })
})
