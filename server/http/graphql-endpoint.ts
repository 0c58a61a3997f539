import type { IncomingMessage, ServerResponse } from 'node:http'
import { RateLimitedError } from '@presage/domain/errors'
import { type ExecutionResult, GraphQLError } from 'graphql'
import { createYoga, type Plugin } from 'graphql-yoga'
import {
  admitted,
  type ContextBase,
  contextOf,
  nextContextOf,
  type ServerContext,
  SessionOverError,
  standing,
  stands,
} from '../execution/caller.js'
import type { Engine } from '../execution/engine.js'
import { failable } from '../execution/result-stream.js'
import type { SessionEnds } from '../execution/session-ends.js'
import { callerOf, type Trust } from './caller-of-request.js'
import { answerJsonPost, isJsonPost, MAX_BODY_BYTES, retryAfterS } from './json-post.js'
import { isMultipart, MAX_MULTIPART_BYTES, MultipartGate } from './multipart-post.js'

interface NodeContext {
  req: IncomingMessage
  res: ServerResponse
}

export interface EndpointParts {
  engine: Engine
  base: ContextBase
  ends: SessionEnds
  trust: Trust
}

/** GraphQL over HTTP: queries and mutations as JSON, subscriptions as server-sent events, files. */
export function graphqlEndpoint(parts: EndpointParts) {
  const yoga = yogaOf(parts, { multipart: false, maxRequestBodySize: MAX_BODY_BYTES })
  const forFiles = yogaOf(parts, { multipart: true, maxRequestBodySize: MAX_MULTIPART_BYTES })
  const gate = new MultipartGate(parts)
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (isMultipart(request)) {
      if (await gate.admits(request, response)) await forFiles(request, response)
      return
    }
    const body = isJsonPost(request) ? await answerJsonPost(parts, request, response) : undefined
    // The adapter takes the body from here when it has been read.
    if (body) await yoga(Object.assign(request, { body }), response)
    else if (body === undefined) await yoga(request, response)
  }
}

const yogaOf = (parts: EndpointParts, bodies: { multipart: boolean; maxRequestBodySize: number }) =>
  createYoga<NodeContext, ServerContext>({
    schema: parts.engine.schema,
    graphqlEndpoint: '/graphql',
    context: async ({ req, res }) => {
      const { base, trust } = parts
      const caller = callerOf(base.domain.identity, trust, req, res)
      try {
        return admitted(await contextOf(base, caller))
      } catch (error) {
        throw error instanceof RateLimitedError
          ? tooOften(parts.engine.mask(error, caller.origin), error)
          : error
      }
    },
    plugins: [useEngine(parts)],
    maskedErrors: {
      maskError: (error) =>
        error instanceof SessionOverError ? unauthenticated() : parts.engine.mask(error),
    },
    ...bodies,
    // The engine has a cache of its own, which the sockets share.
    parserAndValidationCache: false,
    graphiql: false,
    landingPage: false,
    batching: false,
    cors: false,
    logging: false,
  })

function tooOften(fault: GraphQLError, error: RateLimitedError): GraphQLError {
  fault.extensions.http = { status: 429, headers: { 'retry-after': retryAfterS(error) } }
  return fault
}

const unauthenticated = () =>
  new GraphQLError('The session is over. Log in again.', {
    extensions: { code: 'UNAUTHENTICATED' },
  })

/** Has the engine do what Yoga would do by itself. */
function useEngine({ engine, base, ends }: EndpointParts): Plugin<ServerContext> {
  const invalid = new WeakMap<object, readonly GraphQLError[]>()
  return {
    onParse({ params, setParsedDocument }) {
      const { document, errors } = engine.prepare(String(params.source))
      if (!document) throw refused(errors[0])
      if (errors.length > 0) invalid.set(document, errors)
      setParsedDocument(document)
    },
    onValidate({ params, setResult }) {
      setResult(invalid.get(params.documentAST) ?? [])
    },
    onExecute({ setExecuteFn }) {
      setExecuteFn(async ({ contextValue, ...operation }) =>
        withStatus(await engine.execute(operation, contextValue)),
      )
    },
    onSubscribe({ setSubscribeFn }) {
      setSubscribeFn(async ({ contextValue, ...operation }) => {
        const { caller, origin } = contextValue
        const next = () => nextContextOf(base, caller, origin)
        const ground = await standing(base, caller.access)
        const opened = await engine.subscribe(operation, contextValue, next)
        if (!('next' in opened) || !caller.access) return opened
        let stop = () => {}
        const { stream, fail } = failable(opened, () => stop())
        const over = () => fail(new SessionOverError())
        if (ground) stop = ends.on(ground, over)
        // It may have ended while nobody listened for it yet; a reading that fails is made again.
        stands(base, caller.access).then(
          (still) => still || over(),
          () => {},
        )
        return stream
      })
    },
  }
}

/** By GraphQL over HTTP, what could not be executed at all is the request's own fault. */
function refused(error: GraphQLError | undefined): GraphQLError {
  const fault = error ?? new GraphQLError('The query could not be read.')
  fault.extensions.http = { spec: true, status: 400 }
  return fault
}

function withStatus(result: ExecutionResult): ExecutionResult {
  if (!('data' in result)) for (const error of result.errors ?? []) refused(error)
  return result
}
