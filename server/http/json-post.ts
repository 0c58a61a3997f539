import type { IncomingMessage, ServerResponse } from 'node:http'
import { RateLimitedError } from '@presage/domain/errors'
import { type ExecutionResult, GraphQLError, getOperationAST } from 'graphql'
import { z } from 'zod'
import { admitted, type ContextBase, contextOf } from '../execution/caller.js'
import type { Engine } from '../execution/engine.js'
import { callerOf, type Trust } from './caller-of-request.js'
import { BodyTooLargeError, readBody } from './read-body.js'

/** A bulk of 1,000 items with 1 KB for each; files are not sent through GraphQL's JSON. */
export const MAX_BODY_BYTES = 1024 * 1024

const MODERN = 'application/graphql-response+json'
const LEGACY = 'application/json'

const requestSchema = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  extensions: z.record(z.string(), z.unknown()).nullish(),
})
type GraphQLRequest = z.infer<typeof requestSchema>

export interface JsonPostParts {
  engine: Engine
  base: ContextBase
  trust: Trust
}

interface Answer {
  status: number
  result: ExecutionResult
}

/** Whether a request may be a query or mutation posted as JSON and answered as JSON. */
export const isJsonPost = ({ method, headers }: IncomingMessage): boolean =>
  method === 'POST' &&
  /^application\/json *(; *charset="?utf-?8"?)? *$/i.test(headers['content-type'] ?? '') &&
  answerType(headers.accept) !== null

/**
 * The media type to answer with: the first of the two that the caller names, JSON when any will do.
 * Null when it wants neither, or a stream before them.
 */
export function answerType(accept = '*/*'): string | null {
  for (const named of accept.split(',')) {
    const type = named.split(';', 1)[0]?.trim().toLowerCase()
    if (type === MODERN) return MODERN
    if (type === LEGACY || type === '*/*' || type === 'application/*') return LEGACY
    if (type === 'text/event-stream' || type === 'multipart/mixed') return null
  }
  return null
}

/**
 * The shortest way through HTTP, which takes a quarter of the CPU time that Yoga needs. A
 * subscription is not answered: its parsed body is returned for Yoga, which can stream.
 */
export async function answerJsonPost(
  parts: JsonPostParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<GraphQLRequest | null> {
  const type = answerType(request.headers.accept) ?? LEGACY
  const read = await readRequest(request)
  const answer = 'query' in read ? await execute(parts, request, response, read) : read
  if (answer === 'subscription') return 'query' in read ? read : null
  // Clients of the older type expect 200 for whatever is GraphQL's answer.
  const status = type === LEGACY && answer.status === 400 && 'query' in read ? 200 : answer.status
  const body = Buffer.from(JSON.stringify(answer.result))
  // The rest of a body that is too large is not waited for.
  if (status === 413) response.setHeader('connection', 'close')
  response.writeHead(status, {
    'content-type': `${type}; charset=utf-8`,
    'content-length': body.length,
  })
  response.end(body)
  return null
}

async function readRequest(request: IncomingMessage): Promise<GraphQLRequest | Answer> {
  try {
    return requestSchema.parse(JSON.parse(await readBody(request, MAX_BODY_BYTES)))
  } catch (error) {
    if (error instanceof BodyTooLargeError)
      return refusal(413, `A request has at most ${MAX_BODY_BYTES} bytes.`)
    const what = error instanceof z.ZodError ? z.prettifyError(error) : 'not JSON'
    return refusal(400, `The body is no GraphQL request: ${what}`)
  }
}

const refusal = (status: number, message: string): Answer => ({
  status,
  result: { errors: [new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })] },
})

async function execute(
  { engine, base, trust }: JsonPostParts,
  request: IncomingMessage,
  response: ServerResponse,
  { query, operationName, variables: variableValues }: GraphQLRequest,
): Promise<Answer | 'subscription'> {
  const { document, errors } = engine.prepare(query)
  if (!document || errors.length > 0) return { status: 400, result: { errors } }
  if (getOperationAST(document, operationName)?.operation === 'subscription') return 'subscription'
  const caller = callerOf(base.domain.identity, trust, request, response)
  try {
    const context = admitted(await contextOf(base, caller))
    const result = await engine.execute({ document, operationName, variableValues }, context)
    return { status: 'data' in result ? 200 : 400, result }
  } catch (error) {
    const limited = error instanceof RateLimitedError
    if (limited) response.setHeader('retry-after', retryAfterS(error))
    return { status: limited ? 429 : 503, result: { errors: [engine.mask(error, caller.origin)] } }
  }
}

/** By HTTP a caller waits whole seconds; the exact time is in the error. */
export const retryAfterS = ({ retryAfterMs }: RateLimitedError): string =>
  String(Math.ceil(retryAfterMs / 1000))
