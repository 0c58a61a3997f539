import { type Client, createClient } from 'graphql-ws'
import { WebSocket } from 'ws'

/** What GraphQL answers; `data` is as the test's own query asked for it. */
export interface Answer<T = Record<string, unknown>> {
  data?: T | null
  errors?: { message: string; path?: string[]; extensions: Record<string, unknown> }[]
}

export type Variables = Record<string, unknown>

/** A caller of the API, signed in or not. */
export class Api {
  #socket: Client | null = null
  readonly #leaving = new AbortController()

  constructor(
    readonly url: string,
    readonly accessToken?: string,
  ) {}

  /** Sends an operation; answers with whatever comes, and the status. */
  async ask<T = Record<string, unknown>>(
    query: string,
    variables: Variables = {},
  ): Promise<Answer<T> & { status: number }> {
    const response = await this.#post(query, variables, 'application/json')
    return { ...((await response.json()) as Answer<T>), status: response.status }
  }

  /**
   * Sends an operation of one field, which must not fail.
   *
   * @throws with the errors when there are any.
   */
  async field<T>(query: string, variables: Variables = {}): Promise<T> {
    return onlyField(await this.ask<Record<string, T>>(query, variables))
  }

  /** Subscribes to one field over the caller's WebSocket; ends with an error when it fails. */
  async *subscribe<T>(query: string, variables: Variables = {}): AsyncGenerator<T, void, void> {
    const events = this.socket.iterate<Record<string, T>>({ query, variables })
    for await (const event of events) yield onlyField(event as Answer<Record<string, T>>)
  }

  /** Subscribes to one field by server-sent events. */
  async *events<T>(query: string, variables: Variables = {}): AsyncGenerator<T, void, void> {
    const response = await this.#post(query, variables, 'text/event-stream')
    if (!response.body) return
    let text = ''
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = `${text}${chunk}`.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.+)$/m.exec(block)?.[1]
        if (data) yield onlyField(JSON.parse(data))
      }
    }
  }

  /** The caller's WebSocket, which does not come back by itself. */
  get socket(): Client {
    this.#socket ??= createClient({
      url: `${this.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: this.accessToken ? { accessToken: this.accessToken } : {},
      retryAttempts: 0,
    })
    return this.#socket
  }

  /** Leaves all subscriptions. */
  async close(): Promise<void> {
    this.#leaving.abort()
    await this.#socket?.dispose()
  }

  #post(query: string, variables: Variables, accept: string): Promise<Response> {
    return fetch(`${this.url}/graphql`, {
      method: 'POST',
      signal: this.#leaving.signal,
      headers: {
        'content-type': 'application/json',
        accept,
        ...(this.accessToken ? { authorization: `Bearer ${this.accessToken}` } : {}),
      },
      body: JSON.stringify({ query, variables }),
    })
  }
}

/** GraphQL answered with errors where a test expected none. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError'

  constructor(readonly errors: NonNullable<Answer['errors']>) {
    super(errors.map(({ message }) => message).join('; '))
  }

  /** The code of the first. */
  get code(): unknown {
    return this.errors[0]?.extensions.code
  }
}

function onlyField<T>({ data, errors }: Answer<Record<string, T>>): T {
  if (errors) throw new AnswerError(errors)
  const [field] = Object.values(data ?? {})
  if (field === undefined) throw new Error('the answer has no field')
  return field
}
