import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import {
  type Answer,
  questionSchema,
  questionSubject,
  WORKERS_QUEUE,
} from '@presage/messages/question'
import type { FileStore } from '../files/file-store.js'
import type { Uploads } from '../runtimes/runtime.js'
import type { Inference } from './inference.js'
import type { ServedModel } from './thread-messages.js'

const unanswered: Answer = {
  failure: { code: 'UNAVAILABLE', message: 'This worker cannot compute at the moment.' },
}

/** The files of a question that compares pictures; none of any other, or of what is no question. */
function filesOf(body: string, served: readonly ServedModel[]): string[] {
  if (!body.includes('"earlier"')) return []
  const { data } = questionSchema.safeParse(JSON.parse(body))
  if (data?.earlier === undefined) return []
  const model = served.find((it) => it.model === data.model && it.version === data.version)
  const ids = model?.uploads?.map((name) => data.input[name]) ?? []
  return [...ids, data.earlier].filter((id) => typeof id === 'string')
}

/** Answers what servers ask directly, between the batches of the inference thread. */
export class Questions {
  private subscriptions: Subscription[] = []
  private withFiles: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly connection: Pick<NatsConnection, 'subscribe' | 'isClosed'>,
    private readonly inference: Pick<Inference, 'ask'>,
    private readonly served: readonly ServedModel[],
    private readonly files: Pick<FileStore, 'get'>,
  ) {}

  start(): void {
    this.subscriptions = this.served.map((model) =>
      this.connection.subscribe(questionSubject(model), {
        queue: WORKERS_QUEUE,
        callback: (_, message) => void this.answer(message),
      }),
    )
  }

  /** Leaves questions to the other workers. */
  stop(): void {
    for (const subscription of this.subscriptions) subscription.unsubscribe()
  }

  private async answerTo(body: string): Promise<string> {
    const ids = filesOf(body, this.served)
    if (ids.length === 0) return this.inference.ask(body)
    const turn = this.withFiles.then(async () => this.inference.ask(body, await this.fetch(ids)))
    // A photo takes up to 750 MB while it is computed, so they come one by one.
    this.withFiles = turn.catch(() => undefined)
    return turn
  }

  private async fetch(ids: readonly string[]): Promise<Uploads> {
    const uploads = new Map<string, Uint8Array>()
    for (const id of ids) {
      const bytes = await this.files.get(id)
      if (bytes) uploads.set(id, bytes)
    }
    return uploads
  }

  private async answer(message: Msg): Promise<void> {
    const answer = await this.answerTo(message.string()).catch(() => JSON.stringify(unanswered))
    if (!this.connection.isClosed()) message.respond(answer)
  }
}
