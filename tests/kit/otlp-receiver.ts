import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const valueSchema = z
  .object({
    stringValue: z.string(),
    intValue: z.coerce.number(),
    doubleValue: z.number(),
    boolValue: z.boolean(),
  })
  .partial()
  .transform((it) => it.stringValue ?? it.intValue ?? it.doubleValue ?? it.boolValue)

const attributesSchema = z
  .array(z.object({ key: z.string(), value: valueSchema }))
  .transform((pairs) => Object.fromEntries(pairs.map(({ key, value }) => [key, value])))

const nanos = z.string().transform((text) => Number(BigInt(text) / 1000n) / 1000)

const spanSchema = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().default(''),
  name: z.string(),
  /** By the numbers of OTLP: 1 internal, 2 server, 4 producer, 5 consumer. */
  kind: z.number(),
  startTimeUnixNano: nanos,
  endTimeUnixNano: nanos,
  attributes: attributesSchema,
  /** 2 = an error. */
  status: z.object({ code: z.number().default(0), message: z.string().default('') }),
})

const requestSchema = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: attributesSchema }),
      scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })),
    }),
  ),
})

/** A span as a collector gets it, with what its process said of itself. */
export type ReceivedSpan = z.infer<typeof spanSchema> & {
  resource: z.infer<typeof attributesSchema>
}

/**
 * The only span of this name.
 *
 * @throws when there is none, or another.
 */
export function onlySpan(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const [span, ...more] = spans.filter((each) => each.name === name)
  if (span && more.length === 0) return span
  throw new Error(`not one ${name} among: ${spans.map((each) => each.name).join(', ')}`)
}

/** A collector of OTLP over HTTP that takes JSON and keeps all spans. */
export class OtlpReceiver {
  readonly spans: ReceivedSpan[] = []
  /** Of each request. */
  readonly headers: IncomingMessage['headers'][] = []
  readonly paths = new Set<string>()
  /** What could not be read; nothing should be. */
  readonly faults: unknown[] = []
  readonly #server = createServer((request, response) => {
    this.#take(request).then(
      () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'),
      (fault: unknown) => {
        this.faults.push(fault)
        response.writeHead(400).end()
      },
    )
  })

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver()
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve))
    return receiver
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The spans of this name whose attribute `presage.<key>` says so. */
  find(key: 'correlation_id' | 'prediction_id', value: string, name?: string): ReceivedSpan[] {
    return this.spans.filter(
      (span) =>
        span.attributes[`presage.${key}`] === value && (name === undefined || span.name === name),
    )
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #take(request: IncomingMessage): Promise<void> {
    this.headers.push(request.headers)
    this.paths.add(request.url ?? '')
    let body = ''
    for await (const chunk of request) body += chunk
    for (const { resource, scopeSpans } of requestSchema.parse(JSON.parse(body)).resourceSpans)
      for (const { spans } of scopeSpans)
        this.spans.push(...spans.map((span) => ({ ...span, resource: resource.attributes })))
  }
}
