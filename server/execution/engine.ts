import type { Catalogue } from '@presage/models/card/load-catalogue'
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql'
import type { Logger } from 'pino'
import { type ServerContext, SessionOverError } from './caller.js'
import { Documents, type Prepared } from './documents.js'
import type { EngineObserver } from './engine-observer.js'
import { type Correlated, ErrorMask } from './error-mask.js'
import { InputFaults } from './input-faults.js'
import { defaultLimits, type QueryLimits } from './limits.js'
import { type OperationLabel, operationLabel } from './operation-label.js'
import type { OperationTracer } from './operation-tracer.js'
import { eachEvent, failable, type ResultStream } from './result-stream.js'

/** One operation to execute, already prepared. */
export interface Operation {
  document: DocumentNode
  operationName?: string | null | undefined
  variableValues?: Readonly<Record<string, unknown>> | null | undefined
}

export interface EngineParts {
  schema: GraphQLSchema
  catalogue: Catalogue
  log: Logger
  limits?: QueryLimits
  observer?: EngineObserver | null
  tracer?: OperationTracer | null
}

/** Executes GraphQL for both transports, with the same limits, errors and rights. */
export class Engine {
  readonly schema: GraphQLSchema
  readonly #errors: ErrorMask
  readonly #faults: InputFaults
  readonly #documents: Documents
  readonly #observer: EngineObserver | null
  readonly #tracer: OperationTracer | null

  constructor({ schema, catalogue, log, limits = defaultLimits, ...parts }: EngineParts) {
    const { observer = null, tracer = null } = parts
    this.schema = schema
    this.#observer = observer
    this.#tracer = tracer
    this.#errors = new ErrorMask(log)
    this.#faults = new InputFaults(catalogue)
    this.#documents = new Documents(schema, limits, this.#faults)
  }

  /** Parses and validates a query, or finds it in the cache. */
  prepare(query: string): Prepared {
    return this.#documents.prepare(query)
  }

  /** Executes a query or mutation. */
  async execute(operation: Operation, contextValue: ServerContext): Promise<ExecutionResult> {
    const work = async () =>
      this.#told(operation, contextValue, await execute(this.#args(operation, contextValue)))
    return this.#isFollowed ? this.#followed(operation, contextValue, work) : work()
  }

  /**
   * Opens a subscription; each event is executed under a context of its own from `nextContext`,
   * because scopes and loaders remember per context. What `nextContext` throws ends the stream.
   */
  subscribe(
    operation: Operation,
    contextValue: ServerContext,
    nextContext: () => Promise<ServerContext>,
  ): Promise<ResultStream | ExecutionResult> {
    if (!this.#isFollowed) return this.#open(operation, contextValue, nextContext)
    return this.#followed(operation, contextValue, () =>
      this.#openObserved(operation, contextValue, nextContext),
    )
  }

  /** Opens a subscription whose events and end the observer hears of, where there is one. */
  async #openObserved(
    operation: Operation,
    contextValue: ServerContext,
    nextContext: () => Promise<ServerContext>,
  ): Promise<ResultStream | ExecutionResult> {
    const observer = this.#observer
    if (!observer) return this.#open(operation, contextValue, nextContext)
    const label = labelOf(operation)
    const openedAtMs = Date.now()
    const onSent = (event: unknown) => observer.sent(label, event, openedAtMs)
    const opened = await this.#open(operation, contextValue, nextContext, onSent)
    return 'next' in opened ? failable(opened, observer.subscribed(label)).stream : opened
  }

  get #isFollowed(): boolean {
    return this.#observer !== null || this.#tracer !== null
  }

  /** Does some work as a step of its own, and tells the observer of it. */
  async #followed<T extends ResultStream | ExecutionResult>(
    operation: Operation,
    context: ServerContext,
    work: () => Promise<T>,
  ): Promise<T> {
    const label = labelOf(operation)
    const span = this.#tracer?.begin(label, context.origin)
    // What follows from the operation follows from its span.
    if (span) context.origin = span.origin
    const start = performance.now()
    let failed = true
    try {
      const done = await work()
      failed = 'errors' in done && done.errors !== undefined
      this.#observer?.answered(label, performance.now() - start, failed, context.origin)
      return done
    } finally {
      span?.end(failed)
    }
  }

  async #open(
    operation: Operation,
    contextValue: ServerContext,
    nextContext: () => Promise<ServerContext>,
    onSent?: (event: unknown) => void,
  ): Promise<ResultStream | ExecutionResult> {
    const args = this.#args(operation, contextValue)
    const source = await createSourceEventStream(args)
    if (!(Symbol.asyncIterator in source)) return this.#told(operation, contextValue, source)
    const onEvent = async (rootValue: unknown) => {
      const context = await nextContext()
      const result = await execute({ ...args, rootValue, contextValue: context })
      onSent?.(rootValue)
      return this.#told(operation, context, result)
    }
    return eachEvent(source[Symbol.asyncIterator](), onEvent, (error) =>
      error instanceof SessionOverError ? error : this.mask(error, contextValue.origin),
    )
  }

  /** An error as the caller may see it. */
  mask(error: unknown, origin?: Correlated): GraphQLError {
    return this.#errors.mask(error, origin)
  }

  #args(
    { document, operationName, variableValues }: Operation,
    contextValue: ServerContext,
  ): ExecutionArgs {
    return {
      schema: this.schema,
      document,
      operationName: operationName ?? null,
      variableValues: variableValues ?? null,
      contextValue,
    }
  }

  /** The result with its errors as the caller may see them. */
  #told(operation: Operation, context: ServerContext, result: ExecutionResult): ExecutionResult {
    const { errors } = result
    if (!errors) return result
    const { document, operationName, variableValues } = operation
    // Without data nothing was executed, for which the variables are the usual reason.
    const faults =
      'data' in result
        ? []
        : this.#faults.ofVariables(this.schema, document, operationName, variableValues ?? {})
    return {
      ...result,
      errors: faults.length > 0 ? faults : errors.map((error) => this.mask(error, context.origin)),
    }
  }
}

const labelOf = ({ document, operationName }: Operation): OperationLabel =>
  operationLabel(document, operationName)
