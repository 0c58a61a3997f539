import type { NatsConnection } from '@nats-io/transport-node'
import { JOBS_STREAM } from '@presage/messages/job'

const INFO = `$JS.API.CONSUMER.INFO.${JOBS_STREAM}`

/** Both ways to look a message up, by its stream's leader and by any copy. */
const LOOK_UPS = [`$JS.API.STREAM.MSG.GET.${JOBS_STREAM}`, `$JS.API.DIRECT.GET.${JOBS_STREAM}`]

/** Overhears what servers ask of the broker about the jobs' stream. */
export class BrokerQuestions {
  readonly #sinceMs = performance.now()
  readonly #infos: string[] = []
  #lookUps = 0

  private constructor(readonly connection: NatsConnection) {}

  static async overhear(connection: NatsConnection): Promise<BrokerQuestions> {
    const questions = new BrokerQuestions(connection)
    connection.subscribe(`${INFO}.*`, {
      callback: (_, { subject }) => void questions.#infos.push(subject.slice(INFO.length + 1)),
    })
    for (const subject of LOOK_UPS) {
      connection.subscribe(subject, { callback: (_, it) => questions.#hearLookUp(it.string()) })
      connection.subscribe(`${subject}.>`, { callback: () => questions.#hearLookUp('') })
    }
    await connection.flush()
    return questions
  }

  /**
   * How much was asked since listening began: questions about a consumer beyond one a second, of
   * one server, and look-ups of single jobs.
   */
  async counted(consumer: string): Promise<{ tooManyInfos: number; lookUps: number }> {
    await this.connection.flush()
    const seconds = Math.ceil((performance.now() - this.#sinceMs) / 1000)
    const infos = this.#infos.filter((each) => each === consumer).length
    return { tooManyInfos: Math.max(0, infos - seconds - 1), lookUps: this.#lookUps }
  }

  /** The oldest job of a consumer is looked up with its state, by `next_by_subj`. */
  #hearLookUp(query: string): void {
    if (!query.includes('next_by_subj')) this.#lookUps += 1
  }
}
