import { setTimeout as sleep } from 'node:timers/promises'
import type { GraphQLFormattedError } from 'graphql'
import { type Client, CloseCode, createClient } from 'graphql-ws'
import WebSocket from 'ws'
import { z } from 'zod'
import { predictionLine, walletLine } from './books.js'
import { rowIdOf, type User } from './user.js'
import { until } from './within.js'

const FEED = `subscription ($after: String) {
  events(after: $after) {
    __typename
    ... on FeedOpened { cursor }
    ... on WalletChanged { cursor transaction { kind amount } }
    ... on PredictionChanged { cursor to prediction { id } }
  }
}`

const cursor = z.string()
const eventSchema = z.discriminatedUnion('__typename', [
  z.object({ __typename: z.literal('FeedOpened'), cursor }),
  z.object({
    __typename: z.literal('WalletChanged'),
    cursor,
    transaction: z.object({ kind: z.string(), amount: z.number() }),
  }),
  z.object({
    __typename: z.literal('PredictionChanged'),
    cursor,
    to: z.string(),
    prediction: z.object({ id: z.string() }),
  }),
])

const resultSchema = z.object({ events: eventSchema })

/** The feed said that it goes no further. */
class FeedError extends Error {
  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super(JSON.stringify(errors))
  }
}

/** Only for want of the database may a feed end; then it is resumed. */
const isFault = (error: unknown): boolean =>
  error instanceof FeedError &&
  error.errors.some(({ extensions }) => extensions?.code !== 'UNAVAILABLE')

/** A socket is closed when the access token that it was opened with expires, after 15 minutes. */
const isTokenOver = (error: unknown): boolean =>
  closeSchema.safeParse(error).data?.code === CloseCode.Forbidden

const closeSchema = z.object({ code: z.number() })

/** A user who watches their feed, and resumes it behind the last event seen whenever it breaks. */
export class Follower {
  /** What was seen, in its order, behind what had been before. */
  readonly lines: string[]
  /** How often the feed broke and was resumed. */
  resumed = 0
  /** How often its token was over, and it went on with a new one. */
  renewed = 0
  /** The first event that could not be read. */
  fault: unknown
  #lastBreak = ''
  #after: string | null = null
  #client: Client | undefined
  #stopped = false
  readonly #following: Promise<void>

  constructor(
    readonly user: User,
    before: readonly string[],
  ) {
    this.lines = [...before]
    this.#following = this.#follow()
  }

  /** Resolves once the feed is open: nothing that happens from here on may be missed. */
  async opened(): Promise<void> {
    await until(
      () => this.#after !== null,
      () => `The feed of a user did not open: ${this.#lastBreak}`,
    )
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#client?.dispose()
    await this.#following
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      const error: unknown = await this.#readOn().then(
        () => null,
        (error: unknown) => error,
      )
      if (error instanceof z.ZodError || isFault(error)) this.fault ??= error
      if (this.#stopped) return
      this.#lastBreak = error instanceof Error ? error.message : JSON.stringify(error)
      if (isTokenOver(error)) this.renewed += 1
      else this.resumed += 1
      await sleep(100)
    }
  }

  async #readOn(): Promise<void> {
    const { gateway } = this.user
    this.#client = createClient({
      url: `${gateway.nextUrl().replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: async () => ({ accessToken: await this.user.token() }),
      retryAttempts: 0,
    })
    const feed = this.#client.iterate({ query: FEED, variables: { after: this.#after } })
    for await (const { data, errors } of feed) {
      if (errors) throw new FeedError(errors)
      this.#see(resultSchema.parse(data).events)
    }
  }

  #see(event: z.infer<typeof eventSchema>): void {
    this.#after = event.cursor
    if (event.__typename === 'WalletChanged')
      this.lines.push(walletLine(event.transaction.kind, event.transaction.amount))
    if (event.__typename === 'PredictionChanged')
      this.lines.push(predictionLine(rowIdOf(event.prediction.id), event.to))
  }
}
