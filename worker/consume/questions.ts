import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node'
import { type Answer, questionSubject, WORKERS_QUEUE } from '@presage/messages/question'
import type { Inference } from './inference.js'
import type { ServedModel } from './thread-messages.js'

const unanswered: Answer = {
  failure: { code: 'UNAVAILABLE', message: 'This worker cannot compute at the moment.' },
}

/** Answers what servers ask directly, between the batches of the inference thread. */
export class Questions {
  private subscriptions: Subscription[] = []

  constructor(
    private readonly connection: Pick<NatsConnection, 'subscribe' | 'isClosed'>,
    private readonly inference: Pick<Inference, 'ask'>,
    private readonly served: readonly ServedModel[],
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

  private async answer(message: Msg): Promise<void> {
    const answer = await this.inference
      .ask(message.string())
      .catch(() => JSON.stringify(unanswered))
    if (!this.connection.isClosed()) message.respond(answer)
  }
}
